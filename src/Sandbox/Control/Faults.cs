using System.Collections.Concurrent;
using Engagement.Sandbox.Ledger;

namespace Engagement.Sandbox.Control;

/// <summary>What happens to the answer of a request that was accepted.</summary>
internal enum AnswerFate
{
    Given,
    NeverGiven,
    ConnectionCut,
    Broken,
}

/// <summary>What one request meets.</summary>
internal readonly record struct DrawnFault(int LatencyMs, string? ErrorCode, AnswerFate Answer, bool ReceiptBeforeResponse, string Broken);

/// <summary>What one receipt meets.</summary>
internal readonly record struct DrawnReceiptFault(bool Lost, bool Twice, int ExtraDelayMs);

/// <summary>The faults in force, per channel. Without any, a draw costs one read.</summary>
internal sealed class Faults
{
    private readonly ConcurrentDictionary<string, Rule> _byPath = new(StringComparer.Ordinal);
    private readonly Rule?[] _rules = new Rule?[Enum.GetValues<Channel>().Length + 1];

    public void Apply(FaultSetup setup)
    {
        // An object that orders nothing ends the faults; one that only acts on tokens leaves them alone.
        var rule = setup with { Channel = null, Path = null, ExpireTokens = false, RotateTokens = false };
        var empty = rule == new FaultSetup { ErrorShare = rule.ErrorShare, Recipients = rule.Recipients }
            && rule.ErrorShare.Count == 0 && rule.Recipients.Count == 0;
        if (empty && (setup.ExpireTokens || setup.RotateTokens)) return;

        if (setup.Path is { } path)
        {
            if (empty) _byPath.TryRemove(path, out _);
            else _byPath[path] = new Rule(setup);
            return;
        }
        if (empty && setup.Channel is null) _byPath.Clear();
        foreach (var channel in Enum.GetValues<Channel>())
        {
            if (setup.Channel is null || LedgerNames.ParseChannel(setup.Channel) == channel)
                Volatile.Write(ref _rules[(int)channel], empty ? null : new Rule(setup));
        }
    }

    public void Clear() => Apply(new FaultSetup());

    public DrawnFault Draw(Channel channel) => Volatile.Read(ref _rules[(int)channel])?.Draw() ?? default;

    /// <summary>What a call of this path meets; for calls that send no message.</summary>
    public DrawnFault Draw(string path) => _byPath.IsEmpty ? default : _byPath.GetValueOrDefault(path)?.Draw() ?? default;

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
                return new DrawnFault(DrawLatency(), DrawError(), DrawAnswer(), setup.ReceiptBeforeResponse, setup.Broken);
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

        private int DrawLatency()
        {
            if (setup.LatencyMs is [var min, var max]) return _random.Next(min, max + 1);
            if (setup.LatencyPoints is not { } points) return 0;
            var at = _random.NextDouble();
            var (share, ms) = (0.0, 0.0);
            foreach (var point in points)
            {
                if (at <= point[0]) return (int)(ms + (point[1] - ms) * (at - share) / (point[0] - share));
                (share, ms) = (point[0], point[1]);
            }
            return (int)ms;
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
                : at < setup.AcceptThenTimeoutShare + setup.DropAfterAcceptShare + setup.AcceptThenBrokenShare ? AnswerFate.Broken
                : AnswerFate.Given;
        }
    }
}
