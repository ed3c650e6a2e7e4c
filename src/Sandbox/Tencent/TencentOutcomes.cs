using System.Collections.Concurrent;
using System.Text;
using Engagement.Sandbox.Control;
using Engagement.Sandbox.Ledger;
using Engagement.Sandbox.Sms;

namespace Engagement.Sandbox.Tencent;

/// <summary>One receipt in the answer of the two Pull calls.</summary>
internal sealed record PulledStatus(
    long UserReceiveTime, string CountryCode, string SubscriberNumber, string PhoneNumber, string SerialNo, string ReportStatus, string Description, string SessionContext);

/// <summary>One reply in the answer of PullSmsReplyStatus.</summary>
internal sealed record PulledReply(
    string ExtendCode, string CountryCode, string PhoneNumber, string SignName, string ReplyContent, long ReplyTime, string SubscriberNumber);

/// <summary>What carriers have reported and members have replied, for those who pull it. Safe for any thread.</summary>
internal sealed class TencentOutcomes(CurrentSetup setup, MessageLedger ledger, Faults faults)
{
    private const int Kept = 100_000;
    private const long SevenDays = 7 * 24 * 3600;

    private readonly ConcurrentQueue<long> _reported = new();
    private readonly ConcurrentQueue<PulledReply> _replies = new();

    /// <summary><c>null</c> = delivered, <c>none</c> = the carrier never says, anything else = the report's <c>errmsg</c>.</summary>
    public string? FailureOf(in LedgerEntry entry) => ReceiptOutcome.Of(entry, faults, "UNDELIV") ?? MagicNumbers.Receipt(setup.Value, entry.To);

    public void Reported(long seq)
    {
        _reported.Enqueue(seq);
        if (_reported.Count > Kept) _reported.TryDequeue(out _);
    }

    public void Replied(PulledReply reply)
    {
        _replies.Enqueue(reply);
        if (_replies.Count > Kept) _replies.TryDequeue(out _);
    }

    public void Clear()
    {
        _reported.Clear();
        _replies.Clear();
    }

    /// <summary>Reports that have not been pulled yet; what is pulled is gone.</summary>
    public List<PulledStatus> PullStatuses(long limit)
    {
        var pulled = new List<PulledStatus>();
        while (pulled.Count < limit && _reported.TryDequeue(out var seq))
        {
            if (ledger.Find(seq) is { } entry) pulled.Add(Status(entry));
        }
        return pulled;
    }

    public List<PulledReply> PullReplies(long limit)
    {
        var pulled = new List<PulledReply>();
        while (pulled.Count < limit && _replies.TryDequeue(out var reply)) pulled.Add(reply);
        return pulled;
    }

    /// <summary>Reports about one number between two instants; a message without a report is not among them.</summary>
    public List<PulledStatus> StatusesOf(string phone, long beginSeconds, long endSeconds, long nowSeconds, long limit)
    {
        var found = new List<PulledStatus>();
        var to = Encoding.UTF8.GetBytes(phone);
        for (var at = ledger.NextAfter(0, Channel.TencentSms, to); at is { } next && found.Count < limit; at = ledger.NextAfter(next.Seq, Channel.TencentSms, to))
        {
            var seconds = next.Entry.AtMs / 1000;
            if (next.Entry.Status != DeliveryStatus.Accepted && seconds >= Math.Max(beginSeconds, nowSeconds - SevenDays) && seconds <= endSeconds)
                found.Add(Status(next.Entry));
        }
        return found;
    }

    private PulledStatus Status(in LedgerEntry entry)
    {
        var failed = entry.Status == DeliveryStatus.Undelivered;
        return new PulledStatus(
            entry.AtMs / 1000, "86", entry.To, "+86" + entry.To, entry.ProviderRef, failed ? "FAIL" : "SUCCESS",
            failed ? FailureOf(entry) ?? "UNDELIV" : "DELIVRD", entry.Reference);
    }
}
