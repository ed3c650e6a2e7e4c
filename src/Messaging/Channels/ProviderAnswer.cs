using System.Buffers;

namespace Engagement.Messaging.Channels;

/// <summary>What came of one exchange with a provider: a whole answer, not yet understood, or the reason why there is none.</summary>
/// <remarks>Owns a rented array: dispose once, and do not copy.</remarks>
internal readonly struct ProviderAnswer : IDisposable
{
    private readonly byte[]? _rented;
    private readonly int _length;
    private readonly SendResult _failure;

    private ProviderAnswer(byte[]? rented, int length, int status, SendResult failure)
    {
        _rented = rented;
        _length = length;
        Status = status;
        _failure = failure;
    }

    /// <summary>The HTTP status; 0 when there is no answer.</summary>
    public int Status { get; }

    /// <summary>Whether the status alone speaks of success.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The body, whatever its content type says.</summary>
    public ReadOnlySpan<byte> Body => _rented.AsSpan(0, _length);

    public static ProviderAnswer Of(byte[] rented, int length, int status) => new(rented, length, status, default);

    public static ProviderAnswer None(SendResult failure) => new(null, 0, 0, failure);

    /// <summary>Whether there is no answer, and what that means for the message.</summary>
    public bool Failed(out SendResult failure)
    {
        failure = _failure;
        return _rented is null;
    }

    /// <summary>An answer that came and cannot be understood: an error status says more than its body.</summary>
    public SendResult Unreadable() => SendResult.InDoubt(IsSuccess ? "unreadable" : $"http_{Status}");

    public void Dispose()
    {
        if (_rented is not null) ArrayPool<byte>.Shared.Return(_rented);
    }
}
