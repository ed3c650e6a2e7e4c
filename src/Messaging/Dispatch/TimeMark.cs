using System.Globalization;
using Engagement.Storage;

namespace Engagement.Messaging.Dispatch;

/// <summary>A count that rises with every renewal of leases, kept in the database and beside it: when the database shows less than the file, it is an older one.</summary>
/// <remarks>A restored backup knows nothing of what was sent since it was taken, so sending on from it would send twice. A count and no clock: clocks are set back for other reasons.</remarks>
internal sealed class TimeMark(string folder)
{
    private const string Name = "outbox.epoch";

    private static int s_made;

    private readonly string _file = Path.Combine(folder, "epoch");

    // Workers of one machine may share the folder.
    private readonly string _fresh = Path.Combine(folder, $"epoch.{Environment.ProcessId}.{Interlocked.Increment(ref s_made)}");

    /// <summary>Counts on; tells whether the database is older than what this machine has seen of it.</summary>
    public async Task<(long Epoch, bool WentBack)> AdvanceAsync(Tx tx)
    {
        var epoch = long.Parse(await tx.SettingAsync(Name).ConfigureAwait(false) ?? "0", CultureInfo.InvariantCulture) + 1;
        await tx.SetSettingAsync(Name, epoch.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
        return (epoch, epoch <= Seen());
    }

    /// <summary>Keeps the count beside the database, once it is durable there.</summary>
    public void Keep(long epoch)
    {
        if (folder.Length == 0) return;
        Directory.CreateDirectory(folder);
        File.WriteAllText(_fresh, epoch.ToString(CultureInfo.InvariantCulture));
        File.Move(_fresh, _file, overwrite: true);
    }

    private long Seen() =>
        folder.Length > 0 && File.Exists(_file) && long.TryParse(File.ReadAllText(_file), CultureInfo.InvariantCulture, out var epoch) ? epoch : 0;
}
