using System.IO.MemoryMappedFiles;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Dispatch;

/// <summary>Remembers outside the database which messages were about to leave: written just before the bytes, and still there when the process is killed.</summary>
/// <remarks>
/// A memory-mapped file of this process, one entry for each place of each lane's wave. A place is used again only when the wave before
/// has its outcomes on disk, so an intent of a dead process that is not in its file never left. The pages belong to the operating
/// system: they outlive a kill, not a power cut, so a file of an earlier boot is not believed, nor one whose process is alive.
/// </remarks>
internal sealed class FlightRecorder : IDisposable
{
    private const int HeaderSize = 64;
    private const int EntrySize = 16;
    private const string Magic = "ENGFLT01";

    private readonly FileStream? _file;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _entries;

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
        // A kill between the two leaves an entry that matches nothing; the bytes have not left then either.
        _entries.Write((long)slot * EntrySize + 8, (long)attempt);
        _entries.Write((long)slot * EntrySize, message.Value);
    }

    /// <summary>The attempts that may have left a process that is gone; <c>null</c> when its record cannot be believed.</summary>
    public HashSet<(long Message, int Attempt)>? Of(string owner)
    {
        if (Folder.Length == 0 || owner.Length == 0 || !File.Exists(FileOf(owner))) return null;
        try
        {
            // Opens only when nobody holds it: a process that lives may still send.
            using var file = new FileStream(FileOf(owner), FileMode.Open, FileAccess.Read, FileShare.None);
            using var reader = new BinaryReader(file);
            if (Encoding.ASCII.GetString(reader.ReadBytes(HeaderSize)).TrimEnd('\0') != Magic + BootId()) return null;
            var left = new HashSet<(long, int)>();
            while (file.Position + EntrySize <= file.Length) left.Add((reader.ReadInt64(), (int)reader.ReadInt64()));
            return left;
        }
        catch (IOException)
        {
            return null;
        }
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

    /// <summary>Closes the record; nothing of this process is on the wire any more.</summary>
    public void Dispose()
    {
        _entries?.Dispose();
        _map?.Dispose();
        _file?.Dispose();
        if (_file is not null) File.Delete(_file.Name);
    }

    private string FileOf(string owner) => Path.Combine(Folder, owner + ".flight");

    // 36 characters; where there is none, no record is believed after a restart.
    private static string BootId()
    {
        const string path = "/proc/sys/kernel/random/boot_id";
        return File.Exists(path) ? File.ReadAllText(path).Trim() : Guid.CreateVersion7().ToString();
    }
}
