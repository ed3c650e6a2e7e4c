using Engagement.Sandbox.Ledger;

namespace Engagement.Tests.Sandbox;

public sealed class KeepingTheLedger
{
    [Theory]
    [InlineData(0)]
    [InlineData(254)]
    [InlineData(255)]
    [InlineData(3_000_000)]
    public void Every_field_comes_back_however_long(int length)
    {
        var ledger = new MessageLedger();
        var entry = Entry("oWang🎂") with
        {
            SignName = "康宁", Text = new string('x', length), Page = new string('页', Math.Min(length, 1_000)), DataJson = "{}", ExtendCode = "88", Parts = 3,
        };

        ledger.Append(Entry("first"));
        var seq = ledger.Append(entry);
        ledger.Append(Entry("last"));

        Assert.Equal(entry, ledger.Find(seq));
        Assert.Equal("last", ledger.Find(3)?.To);
        ledger.SetStatus(seq, DeliveryStatus.Delivered);
        Assert.Equal(entry with { Status = DeliveryStatus.Delivered }, ledger.Find(seq));
        Assert.Null(ledger.Find(4));
        Assert.Null(ledger.Find(0));
    }

    [Fact]
    public void A_million_entries_take_less_than_130_bytes_each()
    {
        var ledger = new MessageLedger();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 1_000_000; i++) ledger.Append(Entry($"oABCDEFGHIJKLMNOPQRS{i:D8}"));
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.InRange(bytes, 50_000_000, 130_000_000);
        Assert.Equal("oABCDEFGHIJKLMNOPQRS00999999", ledger.Newest(Channel.WeChatSubscribe, "oABCDEFGHIJKLMNOPQRS00999999")?.Entry.To);
        Assert.Equal(1_000_000, ledger.Last);
    }

    [Fact]
    public async Task Many_threads_may_write_at_once()
    {
        var ledger = new MessageLedger();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++) ledger.Append(Entry($"o{writer}-{i}"));
        })));

        var seen = new HashSet<string>();
        for (var at = ledger.NextAfter(0, null, null); at is { } found; at = ledger.NextAfter(found.Seq, null, null)) Assert.True(seen.Add(found.Entry.To));
        Assert.Equal(40_000, seen.Count);
    }

    private static LedgerEntry Entry(string to) =>
        new(Channel.WeChatSubscribe, DeliveryStatus.Accepted, 1_700_000_000_000, to, "Template", "1234567890123456789", "3000000000000000001");
}
