using System.Net;

namespace Engagement.Messaging.Channels;

/// <summary>Content that knows whether it ever began to leave, and refuses to leave twice.</summary>
/// <remarks>
/// The handler asks for the content only when it has a connection and the head of the request is in that connection's
/// buffer. So as long as <see cref="Left"/> is false, no complete request can have reached anybody, whatever failed;
/// once it is true, only a parsed answer tells. An empty content counts: without any, the handler would silently repeat a POST
/// on a new connection when a reused one closes.
/// </remarks>
internal sealed class WriteOnceContent : HttpContent
{
    private readonly RequestBody _body;

    public WriteOnceContent(RequestBody body, string? contentType)
    {
        _body = body;
        // Not parsed again for every message: it is a constant of ours.
        if (contentType is not null) Headers.TryAddWithoutValidation("Content-Type", contentType);
    }

    /// <summary>Whether bytes of the request may have left.</summary>
    public bool Left { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Left) throw new IOException("A send is written at most once; something below tried to repeat it.");
        Left = true;
        return _body.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Written.Length;
        return true;
    }
}
