using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Engagement.Api.Hosting;

/// <summary>ETag and If-Match of rows that staff edit: the tag is the row's version.</summary>
/// <remarks>
/// Reading sets <see cref="Set"/>; changing asks <see cref="Read"/> first and writes <c>WHERE id = @id AND version = @version</c>; when nothing was
/// changed, the answer is <see cref="Problems.Stale"/> with what differs.
/// </remarks>
internal static class VersionTag
{
    /// <summary>Says of an endpoint that it wants If-Match, for the description.</summary>
    public static TBuilder Versioned<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new VersionedEndpoint());

    /// <summary>The tag of a version.</summary>
    public static string Of(long version) => $"\"v{version}\"";

    /// <summary>Puts the tag on the answer.</summary>
    public static void Set(HttpResponse response, long version) => response.Headers.ETag = Of(version);

    /// <summary>The version in If-Match, or why there is none.</summary>
    public static (long Version, Problem? Refused) Read(HttpRequest request)
    {
        var header = request.Headers.IfMatch;
        if (StringValues.IsNullOrEmpty(header)) return (0, Problems.TagMissing);
        return EntityTagHeaderValue.TryParse(header.ToString(), out var tag) && !tag.IsWeak && tag.Tag.AsSpan() is ['"', 'v', .. var digits, '"'] && long.TryParse(digits, out var version)
            ? (version, null)
            : (0, Problems.TagUnknown);
    }
}

/// <summary>Says of an endpoint that it changes a version that was read before.</summary>
internal sealed record VersionedEndpoint;
