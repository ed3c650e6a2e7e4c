using System.Security.Cryptography;
using System.Text;

namespace Engagement.Members.Imports.Csv;

/// <summary>A CSV file that can be read from end to end.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Encoding">UTF-8 or GB18030, found from its bytes.</param>
/// <param name="Delimiter">Comma, tab or semicolon, found from its first line.</param>
/// <param name="Sha256">The hash of its bytes, in hex.</param>
/// <param name="Lines">How many lines it has.</param>
internal sealed record CsvFile(string Path, Encoding Encoding, char Delimiter, string Sha256, long Lines)
{
    private const int Chunk = 1 << 20;

    private static readonly UTF8Encoding s_utf8 = new(false);
    private static readonly Encoding s_gb18030 =
        CodePagesEncodingProvider.Instance.GetEncoding("GB18030", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)!;

    /// <summary>Reads the whole file once, before anything is written: what cannot be read to its end is refused at its beginning.</summary>
    public static async Task<(CsvFile? File, ImportFileError? Error)> InspectAsync(string path, CancellationToken ct)
    {
        try
        {
            if (!System.IO.File.Exists(path)) return (null, FileErrors.Missing(path));
            var scan = new CsvScan();
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await ForEachChunkAsync(path, chunk =>
            {
                hash.AppendData(chunk.Span);
                return scan.Read(chunk.Span);
            }, ct).ConfigureAwait(false);
            if (scan.Finish() is { } error) return (null, error);
            var isGb = scan.NotUtf8Line > 0;
            if (isGb && await FirstNonGb18030LineAsync(path, ct).ConfigureAwait(false) is var line and > 0)
            {
                // It is meant to be the encoding that goes further.
                return (null, FileErrors.Encoding(Math.Max(line, scan.NotUtf8Line)));
            }

            return (new CsvFile(path, isGb ? s_gb18030 : s_utf8, scan.Delimiter, Convert.ToHexStringLower(hash.GetHashAndReset()), scan.Lines), null);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            return (null, FileErrors.Unreadable(path));
        }
    }

    /// <summary>Opens it for reading.</summary>
    public FileStream Open() => Stream(Path);

    private static async Task<int> FirstNonGb18030LineAsync(string path, CancellationToken ct)
    {
        var decoder = s_gb18030.GetDecoder();
        var characters = new char[Chunk + 16];
        var (line, failed) = (1, false);
        await ForEachChunkAsync(path, chunk =>
        {
            try
            {
                decoder.GetChars(chunk.Span, characters, flush: false);
            }
            catch (DecoderFallbackException failure)
            {
                line += chunk.Span[..Math.Clamp(failure.Index, 0, chunk.Length)].Count((byte)'\n');
                failed = true;
                return false;
            }

            line += chunk.Span.Count((byte)'\n');
            return true;
        }, ct).ConfigureAwait(false);
        return failed ? line : 0;
    }

    private static async Task ForEachChunkAsync(string path, Func<ReadOnlyMemory<byte>, bool> work, CancellationToken ct)
    {
        var buffer = new byte[Chunk];
        await using var stream = Stream(path);
        while (await stream.ReadAsync(buffer, ct).ConfigureAwait(false) is var read and > 0)
        {
            if (!work(buffer.AsMemory(0, read))) return;
        }
    }

    private static FileStream Stream(string path) =>
        new(path, new FileStreamOptions { Options = FileOptions.SequentialScan | FileOptions.Asynchronous, BufferSize = 0, Share = FileShare.Read });
}
