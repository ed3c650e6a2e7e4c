using System.Buffers;

namespace Engagement.Messaging.Channels;

/// <summary>The bytes of one request, written into a rented array.</summary>
/// <remarks>Not thread-safe. An array whose writing to the network did not end well is never returned to the pool: some
/// pending write may still look at it, and the next renter's bytes would go out in its place.</remarks>
internal sealed class RequestBody(int sizeHint = 1024) : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(sizeHint);
    private int _length;
    private int _writing;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(sizeHint);
        return _bytes.AsSpan(_length);
    }

    /// <summary>Writes the whole body to the network.</summary>
    internal async Task CopyToAsync(Stream network, CancellationToken ct)
    {
        _writing++;
        await network.WriteAsync(Written, ct).ConfigureAwait(false);
        _writing--;
    }

    public void Dispose()
    {
        if (_bytes.Length == 0) return;
        if (_writing == 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _length = 0;
    }

    private void EnsureRoom(int sizeHint)
    {
        if (_bytes.Length - _length >= Math.Max(sizeHint, 1)) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + sizeHint));
        Written.Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
