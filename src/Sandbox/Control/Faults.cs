using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.Control;

/// <summary>What <c>POST /_sandbox/faults</c> says for one channel or for all; an empty object ends all faults.</summary>
internal sealed record FaultSetup
{
    /// <summary>A channel's wire name; left out = every channel.</summary>
    public string? Channel { get; init; }

    /// <summary>How long a request takes, [min, max], evenly spread.</summary>
    public int[]? LatencyMs { get; init; }

    /// <summary>Provider code → share of the requests that are refused with it.</summary>
    public IReadOnlyDictionary<string, double> ErrorShare { get; init; } = new Dictionary<string, double>();

    /// <summary>Share of the accepted requests whose answer never comes.</summary>
    public double AcceptThenTimeoutShare { get; init; }

    /// <summary>Share of the accepted requests whose connection is cut instead of answered.</summary>
    public double DropAfterAcceptShare { get; init; }

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
            AcceptThenTimeoutShare, DropAfterAcceptShare, DuplicateReceiptsShare, LateReceiptsShare, LostReceiptsShare,
            .. ErrorShare.Values, AcceptThenTimeoutShare + DropAfterAcceptShare, ErrorShare.Values.Sum(),
        ];
        if (shares.Any(share => share is < 0 or > 1)) return "a share, and the sum of shares that exclude each other, is from 0 to 1";
        if (LatencyMs is { } latency && (latency.Length != 2 || latency[0] < 0 || latency[1] < latency[0])) return "latencyMs is [min, max]";
        if (LateReceiptMs < 0) return "lateReceiptMs is not negative";
        if (Channel is not null && LedgerNames.ParseChannel(Channel) is null) return LedgerNames.KnownNames;
        return null;
    }
}

/// <summary>What happens to the answer of a request that was accepted.</summary>
internal enum AnswerFate
{
    Given,
    NeverGiven,
    ConnectionCut,
}

/// <summary>What one request meets.</summary>
internal readonly record struct DrawnFault(int LatencyMs, string? ErrorCode, AnswerFate Answer, bool ReceiptBeforeResponse);

/// <summary>What one receipt meets.</summary>
internal readonly record struct DrawnReceiptFault(bool Lost, bool Twice, int ExtraDelayMs);

/// <summary>The faults in force, per channel. Without any, a draw costs one read.</summary>
internal sealed class Faults
{
    private readonly Rule?[] _rules = new Rule?[Enum.GetValues<Channel>().Length + 1];

    public void Apply(FaultSetup setup)
    {
        // An object that orders nothing ends the faults; one that only acts on tokens leaves them alone.
        var rule = setup with { Channel = null, ExpireTokens = false, RotateTokens = false };
        var empty = rule == new FaultSetup { ErrorShare = rule.ErrorShare, Recipients = rule.Recipients }
            && rule.ErrorShare.Count == 0 && rule.Recipients.Count == 0;
        if (empty && (setup.ExpireTokens || setup.RotateTokens)) return;

        foreach (var channel in Enum.GetValues<Channel>())
        {
            if (setup.Channel is null || LedgerNames.ParseChannel(setup.Channel) == channel)
                Volatile.Write(ref _rules[(int)channel], empty ? null : new Rule(setup));
        }
    }

    public void Clear() => Apply(new FaultSetup());

    public DrawnFault Draw(Channel channel) => Volatile.Read(ref _rules[(int)channel])?.Draw() ?? default;

    public DrawnReceiptFault DrawReceipt(Channel channel) => Volatile.Read(ref _rules[(int)channel])?.DrawReceipt() ?? default;

    /// <summary>The code with which everything to this recipient is refused, or <c>null</c>.</summary>
    public string? RefusalFor(Channel channel, string to) =>
        Forced(channel, to) is { } code && !code.StartsWith("receipt:", StringComparison.Ordinal) ? code : null;

    /// <summary>The code of each receipt for this recipient, <c>none</c> for no receipt, or <c>null</c>.</summary>
    public string? ReceiptFor(Channel channel, string to) =>
        Forced(channel, to) is { } code && code.StartsWith("receipt:", StringComparison.Ordinal) ? code["receipt:".Length..] : null;

    private string? Forced(Channel channel, string to) => Volatile.Read(ref _rules[(int)channel])?.Setup.Recipients.GetValueOrDefault(to);

    private sealed class Rule(FaultSetup setup)
    {
        private readonly Random _random = setup.Seed is { } seed ? new Random(seed) : new Random();
        private readonly Lock _gate = new();

        public FaultSetup Setup => setup;

        public DrawnFault Draw()
        {
            lock (_gate)
            {
                var latency = setup.LatencyMs is [var min, var max] ? _random.Next(min, max + 1) : 0;
                return new DrawnFault(latency, DrawError(), DrawAnswer(), setup.ReceiptBeforeResponse);
            }
        }

        public DrawnReceiptFault DrawReceipt()
        {
            lock (_gate)
            {
                return new DrawnReceiptFault(
                    _random.NextDouble() < setup.LostReceiptsShare,
                    _random.NextDouble() < setup.DuplicateReceiptsShare,
                    _random.NextDouble() < setup.LateReceiptsShare ? setup.LateReceiptMs : 0);
            }
        }

        private string? DrawError()
        {
            if (setup.ErrorShare.Count == 0) return null;
            var at = _random.NextDouble();
            foreach (var (code, share) in setup.ErrorShare)
            {
                if ((at -= share) < 0) return code;
            }
            return null;
        }

        private AnswerFate DrawAnswer()
        {
            var at = _random.NextDouble();
            return at < setup.AcceptThenTimeoutShare ? AnswerFate.NeverGiven
                : at < setup.AcceptThenTimeoutShare + setup.DropAfterAcceptShare ? AnswerFate.ConnectionCut
                : AnswerFate.Given;
        }
    }
}
