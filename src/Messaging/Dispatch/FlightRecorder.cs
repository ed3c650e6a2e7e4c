using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text;
using Engagement.Messaging.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Dispatch;

/// <summary>How far an attempt had come when its process ended.</summary>
internal enum FlightStage : byte
{
    /// <summary>It may have left.</summary>
    Left = 0,

    /// <summary>The provider has it.</summary>
    Accepted = 1,

    /// <summary>The provider does not have it.</summary>
    Refused = 2,
}

/// <summary>What the record says of one attempt.</summary>
/// <param name="Stage">How far it had come.</param>
/// <param name="ProviderRef">The provider's reference, when it was accepted with one.</param>
internal readonly record struct FlightEntry(FlightStage Stage, string? ProviderRef);

/// <summary>Remembers outside the database which messages were about to leave, and what was answered: written just before the bytes and just after the answer, and still there when the process is killed.</summary>
/// <remarks>
/// A memory-mapped file of this process, one entry for each place of each lane's wave. A place is used again only when the wave before
/// has its outcomes on disk, so an intent of a dead process that is not in its file never left. The pages belong to the operating
/// system: they outlive a kill, not a power cut, so a file of an earlier boot is not believed, nor one whose process is alive.
/// </remarks>
internal sealed class FlightRecorder : IDisposable
{
    private const int HeaderSize = 64;
    // Message 8, attempt 4, stage 1, length of the reference 1, the reference.
    private const int EntrySize = 64;
    private const int StageAt = 12;
    private const int LengthAt = 13;
    private const int RefAt = 14;
    private const int MostRef = EntrySize - RefAt;
    private const string Magic = "ENGFLT02";

    private readonly FileStream? _file;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _entries;
    private volatile bool _finished;

    public FlightRecorder(IOptions<DispatchOptions> options, ILogger<FlightRecorder> logger)
    {
        Folder = options.Value.FlightFolder;
        if (Folder.Length == 0) return;
        try
        {
            Directory.CreateDirectory(Folder);
            _file = new FileStream(FileOf(Owner), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            var size = HeaderSize + options.Value.Lanes * options.Value.WaveSize * EntrySize;
            _file.SetLength(size);
            _file.Write(Encoding.ASCII.GetBytes(Magic + BootId()));
            _file.Flush();
            _map = MemoryMappedFile.CreateFromFile(_file, null, size, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            _entries = _map.CreateViewAccessor(HeaderSize, size - HeaderSize);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Sending goes on: a kill then leaves more in doubt, and nothing worse.
            Log.NoFlightRecorder(logger, Folder, failure);
        }
    }

    /// <summary>The name under which this process owns shards.</summary>
    public string Owner { get; } = Guid.CreateVersion7().ToString("N");

    /// <summary>Where the files are; empty when nothing is recorded.</summary>
    public string Folder { get; }

    /// <summary>Says that the bytes of an attempt may leave from now on.</summary>
    public void Leaving(int slot, MessageId message, int attempt)
    {
        if (_entries is null) return;
        var at = (long)slot * EntrySize;
        // A kill in between leaves an entry of no message; the bytes have not left then either.
        _entries.Write(at, 0L);
        _entries.Write(at + 8, attempt);
        _entries.Write(at + StageAt, (byte)FlightStage.Left);
        _entries.Write(at, message.Value);
    }

    /// <summary>Says what the provider answered, until that is on disk.</summary>
    public void Answered(int slot, SendResult result)
    {
        if (_entries is null || result.Accepted == Acceptance.Unknown) return;
        var at = (long)slot * EntrySize;
        var reference = Encoding.UTF8.GetBytes(result.ProviderRef ?? "");
        if (reference.Length > MostRef) return;
        _entries.WriteArray(at + RefAt, reference, 0, reference.Length);
        _entries.Write(at + LengthAt, (byte)reference.Length);
        // Last: until then the entry says that it may have left.
        _entries.Write(at + StageAt, (byte)(result.Accepted == Acceptance.Yes ? FlightStage.Accepted : FlightStage.Refused));
    }

    /// <summary>The attempts that had begun to leave a process that is gone; <c>null</c> when its record cannot be believed.</summary>
    public IReadOnlyDictionary<(long Message, int Attempt), FlightEntry>? Of(string owner)
    {
        if (Folder.Length == 0 || owner.Length == 0 || !File.Exists(FileOf(owner))) return null;
        try
        {
            // Opens only when nobody holds it: a process that lives may still send.
            using var file = new FileStream(FileOf(owner), FileMode.Open, FileAccess.Read, FileShare.None);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes.Length >= HeaderSize && Encoding.ASCII.GetString(bytes, 0, HeaderSize).TrimEnd('\0') == Magic + BootId() ? Entries(bytes.AsSpan(HeaderSize)) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Dictionary<(long Message, int Attempt), FlightEntry> Entries(ReadOnlySpan<byte> bytes)
    {
        var entries = new Dictionary<(long, int), FlightEntry>();
        for (; bytes.Length >= EntrySize; bytes = bytes[EntrySize..])
        {
            var length = Math.Min((int)bytes[LengthAt], MostRef);
            entries[(BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]))] =
                new FlightEntry((FlightStage)bytes[StageAt], length == 0 ? null : Encoding.UTF8.GetString(bytes.Slice(RefAt, length)));
        }

        return entries;
    }

    /// <summary>Deletes the records of processes that own nothing any more and are gone.</summary>
    public void Forget(IReadOnlySet<string> owners)
    {
        if (Folder.Length == 0) return;
        foreach (var path in Directory.EnumerateFiles(Folder, "*.flight"))
        {
            var owner = Path.GetFileNameWithoutExtension(path);
            if (owner == Owner || owners.Contains(owner)) continue;
            try
            {
                using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) File.Delete(path);
            }
            catch (IOException)
            {
                // It is in use: its process lives, and will own shards.
                continue;
            }
        }
    }

    /// <summary>Says that every answer is on disk and every shard given back: the record may go with its process.</summary>
    public void Finish() => _finished = true;

    /// <summary>Closes the record. Before <see cref="Finish"/> the file stays: it may be all that knows what providers have answered.</summary>
    public void Dispose()
    {
        _entries?.Dispose();
        _map?.Dispose();
        _file?.Dispose();
        if (_file is not null && _finished) File.Delete(_file.Name);
    }

    private string FileOf(string owner) => Path.Combine(Folder, owner + ".flight");

    // 36 characters; where there is none, no record is believed after a restart.
    private static string BootId()
    {
        const string path = "/proc/sys/kernel/random/boot_id";
        return File.Exists(path) ? File.ReadAllText(path).Trim() : Guid.CreateVersion7().ToString();
    }
}
