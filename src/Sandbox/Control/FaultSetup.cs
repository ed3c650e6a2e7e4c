using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.Control;

/// <summary>What <c>POST /_sandbox/faults</c> says for one channel or for all; an empty object ends all faults.</summary>
internal sealed record FaultSetup
{
    /// <summary>A channel's wire name; left out = every channel.</summary>
    public string? Channel { get; init; }

    /// <summary>A path (<c>/cgi-bin/stable_token</c>) whose calls the faults are for, instead of a channel's messages.</summary>
    public string? Path { get; init; }

    /// <summary>How long a request takes, [min, max], evenly spread.</summary>
    public int[]? LatencyMs { get; init; }

    /// <summary>
    /// How long requests take, as points of their distribution: [[0.5, 20], [0.99, 400], [1, 3000]] = half within 20 ms, and so
    /// on, straight between the points.
    /// </summary>
    public double[][]? LatencyPoints { get; init; }

    /// <summary>
    /// Provider code → share of the requests that are refused with it. Instead of a code: <c>html empty truncated huge reset</c>
    /// or <c>http:502</c>, and nobody can read the answer.
    /// </summary>
    public IReadOnlyDictionary<string, double> ErrorShare { get; init; } = new Dictionary<string, double>();

    /// <summary>Share of the accepted requests whose answer never comes.</summary>
    public double AcceptThenTimeoutShare { get; init; }

    /// <summary>Share of the accepted requests whose connection is cut instead of answered.</summary>
    public double DropAfterAcceptShare { get; init; }

    /// <summary>Share of the accepted requests whose answer is <see cref="Broken"/>.</summary>
    public double AcceptThenBrokenShare { get; init; }

    /// <summary>A broken answer's name, as in <see cref="ErrorShare"/>.</summary>
    public string Broken { get; init; } = "html";

    /// <summary>Share of the receipts that are pushed twice.</summary>
    public double DuplicateReceiptsShare { get; init; }

    /// <summary>Share of the receipts that come <see cref="LateReceiptMs"/> later than the others.</summary>
    public double LateReceiptsShare { get; init; }

    public int LateReceiptMs { get; init; } = 5_000;

    /// <summary>Share of the receipts that are never pushed, although the provider knows the outcome and tells it when asked.</summary>
    public double LostReceiptsShare { get; init; }

    /// <summary>Pushes each receipt before its send is answered.</summary>
    public bool ReceiptBeforeResponse { get; init; }

    /// <summary>Recipient → a refusal code, or a receipt's code written <c>receipt:MK:0001</c>, or <c>receipt:none</c>.</summary>
    public IReadOnlyDictionary<string, string> Recipients { get; init; } = new Dictionary<string, string>();

    /// <summary>Makes the drawing of shares repeatable.</summary>
    public int? Seed { get; init; }

    /// <summary>Once, now: every live access token has reached its end (42001).</summary>
    public bool ExpireTokens { get; init; }

    /// <summary>Once, now: every live access token has been replaced by someone else's refresh (40001).</summary>
    public bool RotateTokens { get; init; }

    public string? Fault()
    {
        double[] shares =
        [
            AcceptThenTimeoutShare, DropAfterAcceptShare, AcceptThenBrokenShare, DuplicateReceiptsShare, LateReceiptsShare, LostReceiptsShare,
            .. ErrorShare.Values, AcceptThenTimeoutShare + DropAfterAcceptShare + AcceptThenBrokenShare, ErrorShare.Values.Sum(),
        ];
        if (shares.Any(share => share is < 0 or > 1)) return "a share, and the sum of shares that exclude each other, is from 0 to 1";
        if (LatencyMs is { } latency && (latency.Length != 2 || latency[0] < 0 || latency[1] < latency[0])) return "latencyMs is [min, max]";
        if (LatencyPoints is { } points && !IsDistribution(points)) return "latencyPoints are [share, ms] with rising shares up to 1 and rising ms";
        if (!BrokenAnswer.IsNamed(Broken)) return "broken is html, empty, truncated, huge, reset or http:NNN";
        if (Path is not null && Channel is not null) return "faults are for a channel or for a path";
        if (LateReceiptMs < 0) return "lateReceiptMs is not negative";
        if (Channel is not null && LedgerNames.ParseChannel(Channel) is null) return LedgerNames.KnownNames;
        return null;
    }

    private static bool IsDistribution(double[][] points) =>
        points.Length > 0 && points.All(point => point is [> 0 and <= 1, >= 0]) && points[^1][0] == 1
        && points.Zip(points.Skip(1)).All(pair => pair.First[0] < pair.Second[0] && pair.First[1] <= pair.Second[1]);
}
