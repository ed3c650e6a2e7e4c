using Engagement.Members.Imports;
using Engagement.Members.Tills;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Tills;

/// <summary>Tickets as tills send them: each as a whole or not at all, and each once.</summary>
public abstract class TicketIntakeContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private Pharmacy _pharmacy = null!;
    private TicketIntake _intake = null!;

    public async Task InitializeAsync()
    {
        _pharmacy = await Pharmacy.OpenAsync(test);
        await _pharmacy.StockAsync();
        await _pharmacy.ImportAsync(Pharmacy.Member("M1", "王秀兰", "19900000001"), Pharmacy.Member("M2", "李强", "19900000002"));
        _intake = new TicketIntake(_pharmacy.Database, _pharmacy.Ids, _pharmacy.Cipher, _pharmacy.Index, _pharmacy.Clocks);
    }

    public async Task DisposeAsync() => await _pharmacy.DisposeAsync();

    [DatabaseFact]
    public async Task A_ticket_that_comes_again_changes_nothing()
    {
        PurchaseLineRow[] ticket = [_pharmacy.Sale("T1", 10), _pharmacy.Sale("T1", 10, "CREAM", 2, line: 2)];

        Assert.Equal([TicketOutcome.Stored], await OutcomesAsync(ticket));
        var before = await SnapshotAsync();

        Assert.Equal([TicketOutcome.Unchanged], await OutcomesAsync(ticket));
        Assert.Equal([TicketOutcome.Unchanged], await OutcomesAsync([.. ticket.Reverse()]));
        Assert.Equal(before, await SnapshotAsync());
        Assert.Equal((1L, 2L), (await CountAsync("purchase"), await CountAsync("purchase_line")));
    }

    [DatabaseFact]
    public async Task A_ticket_that_comes_again_with_other_content_is_a_conflict_and_changes_nothing()
    {
        PurchaseLineRow[] ticket = [_pharmacy.Sale("T1", 10), _pharmacy.Sale("T1", 10, "CREAM", 2, line: 2)];
        await OutcomesAsync(ticket);
        var before = await SnapshotAsync();

        foreach (var other in (PurchaseLineRow[][])
        [
            [ticket[0] with { Quantity = 2, NetFen = 2000 }, ticket[1]],
            [ticket[0]],
            [.. ticket, _pharmacy.Sale("T1", 10, "CREAM", line: 3)],
            [.. ticket.Select(line => line with { BusinessDay = line.BusinessDay - 1 })],
            [.. ticket.Select(line => line with { MemberNo = "M2" })],
            [ticket[0] with { BatchNo = "B2" }, ticket[1]],
            [ticket[0] with { TraceCodes = ["81000000000000000001"] }, ticket[1]],
            [.. ticket.Select(line => line with { Event = PurchaseEvent.Refund, Quantity = -line.Quantity, NetFen = -line.NetFen })],
        ])
        {
            var result = Assert.Single(await TakeAsync(other));
            Assert.Equal((TicketOutcome.Conflict, "changed_content"), (result.Outcome, result.Faults.Single().Code));
        }

        Assert.Equal(before, await SnapshotAsync());
    }

    [DatabaseFact]
    public async Task A_line_that_cannot_be_taken_keeps_its_ticket_out_and_no_other()
    {
        var results = await TakeAsync(
            [_pharmacy.Sale("T1", 3)],
            [_pharmacy.Sale("T2", 3), _pharmacy.Sale("T2", 3, "NOSUCH", line: 2)],
            [_pharmacy.Sale("T3", 3) with { NetFen = 1 }],
            [],
            [_pharmacy.Sale("T5", 3), _pharmacy.Sale("T5", 3)],
            [_pharmacy.Sale("T6", 3) with { StoreCode = "S404" }],
            [_pharmacy.Sale("T7", 3) with { UnitPriceFen = long.MaxValue, NetFen = long.MaxValue }],
            [_pharmacy.Sale("T8", 2, "CREAM")]);

        Assert.Equal(
            [TicketOutcome.Stored, TicketOutcome.Refused, TicketOutcome.Refused, TicketOutcome.Refused, TicketOutcome.Refused, TicketOutcome.Refused, TicketOutcome.Refused, TicketOutcome.Stored],
            results.Select(result => result.Outcome));
        Assert.Equal(["unknown_product", "net_differs", "missing", "repeated_key", "unknown_store", "amount_too_large"], results.SelectMany(result => result.Faults).Select(fault => fault.Code));
        Assert.Equal((2L, 2L, 2L), (await CountAsync("purchase"), await CountAsync("purchase_line"), await _pharmacy.ScalarAsync<long>("SELECT SUM(visits) FROM member_fact")));
    }

    [DatabaseFact]
    public async Task A_refund_before_its_sale_waits_for_it()
    {
        PurchaseLineRow[] refund = [_pharmacy.Refund("R1", 3, "T1")];

        Assert.Equal([TicketOutcome.Parked], await OutcomesAsync(refund));
        Assert.Equal([TicketOutcome.Parked], await OutcomesAsync(refund));
        Assert.Equal([TicketOutcome.Conflict], await OutcomesAsync([refund[0] with { Quantity = -2, NetFen = -2000 }]));
        Assert.Equal((0L, 1L), (await CountAsync("purchase"), await CountAsync("parked_refund")));

        Assert.Equal([TicketOutcome.Stored], await OutcomesAsync([_pharmacy.Sale("T1", 4, quantity: 3)]));

        Assert.Equal((2L, 0L, 2000L), (await CountAsync("purchase"), await CountAsync("parked_refund"), await _pharmacy.ScalarAsync<long>("SELECT SUM(net_fen) FROM purchase_line")));
        Assert.Equal([TicketOutcome.Unchanged], await OutcomesAsync(refund));
    }

    [DatabaseFact]
    public async Task Refund_and_sale_in_one_batch_may_come_in_any_order()
    {
        Assert.Equal([TicketOutcome.Stored, TicketOutcome.Stored], await OutcomesAsync([_pharmacy.Refund("R1", 3, "T1")], [_pharmacy.Sale("T1", 4)]));
        var wrong = await TakeAsync([_pharmacy.Refund("R2", 3, "T1", sku: "CREAM")]);
        Assert.Equal((TicketOutcome.Refused, "original_product_differs"), (wrong[0].Outcome, wrong[0].Faults.Single().Code));
    }

    [DatabaseFact]
    public async Task Of_many_different_tickets_of_one_number_at_once_one_is_kept()
    {
        var results = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => Task.Run(() => TakeAsync(
            [.. Enumerable.Range(1, i).Select(line => _pharmacy.Sale("T1", 3, "CREAM", quantity: i, line: line))]))));

        Assert.Single(results, result => result[0].Outcome == TicketOutcome.Stored);
        Assert.Equal(19, results.Count(result => result[0].Outcome == TicketOutcome.Conflict));
        Assert.Equal(1, await CountAsync("purchase"));
        Assert.Equal(await CountAsync("purchase_line"), await _pharmacy.ScalarAsync<long>("SELECT MAX(quantity) FROM purchase_line"));
    }

    [DatabaseFact]
    public async Task The_same_ticket_many_times_at_once_is_kept_once()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => TakeAsync([_pharmacy.Sale("T1", 3)]))));

        Assert.Single(results, result => result[0].Outcome == TicketOutcome.Stored);
        Assert.Equal(19, results.Count(result => result[0].Outcome == TicketOutcome.Unchanged));
    }

    [DatabaseFact]
    public async Task A_number_that_stands_twice_in_a_batch_counts_once()
    {
        Assert.Equal([TicketOutcome.Stored, TicketOutcome.Unchanged], await OutcomesAsync([_pharmacy.Sale("T1", 3)], [_pharmacy.Sale("T1", 3)]));
        Assert.Equal([TicketOutcome.Stored, TicketOutcome.Conflict], await OutcomesAsync([_pharmacy.Sale("T2", 3)], [_pharmacy.Sale("T2", 3, quantity: 5)]));
    }

    [DatabaseFact]
    public async Task Batch_and_trace_codes_are_kept()
    {
        await OutcomesAsync([_pharmacy.Sale("T1", 3, quantity: 2) with { BatchNo = "B2601", ExpiryDay = 20000, TraceCodes = ["81000000000000000001", "81000000000000000002"] }]);

        Assert.Equal("B2601|20000|[\"81000000000000000001\",\"81000000000000000002\"]", string.Join('|', (await _pharmacy.QueryAsync<(string, long, string)>(
            "SELECT batch_no, expiry_day, trace_codes FROM purchase_line")).Select(line => $"{line.Item1}|{line.Item2}|{line.Item3}")));
    }

    [DatabaseFact]
    public async Task A_member_who_was_looked_up_buys_and_one_who_was_erased_does_not()
    {
        var member = await _pharmacy.ScalarAsync<long>("SELECT id FROM member WHERE member_no = 'M2'");
        await OutcomesAsync([_pharmacy.Sale("T1", 3, member: "") with { MemberId = member }], [_pharmacy.Sale("T2", 3, member: "") with { MemberId = 12345 }]);

        Assert.Equal([(long?)member, null], await _pharmacy.QueryAsync<long?>("SELECT member_id FROM purchase ORDER BY ticket_no"));
    }

    private async Task<IReadOnlyList<TicketOutcome>> OutcomesAsync(params PurchaseLineRow[][] tickets) => [.. (await TakeAsync(tickets)).Select(result => result.Outcome)];

    private Task<IReadOnlyList<TicketResult>> TakeAsync(params PurchaseLineRow[][] tickets)
    {
        var row = 0;
        return _intake.TakeAsync([.. tickets.Select(lines => (IReadOnlyList<PurchaseLineRow>)[.. lines.Select(line => line with { Line = ++row })])], None);
    }

    private Task<long> CountAsync(string table) => _pharmacy.ScalarAsync<long>($"SELECT COUNT(*) FROM {table}");

    private async Task<string> SnapshotAsync()
    {
        var lines = await _pharmacy.QueryAsync<(long, long, long, string)>("SELECT purchase_id, line_no, net_fen, content_hash FROM purchase_line ORDER BY id");
        var facts = await _pharmacy.QueryAsync<(long, long, long)>("SELECT member_id, visits, spend_fen FROM member_fact ORDER BY member_id");
        return string.Join('\n', lines.Select(line => line.ToString()).Concat(facts.Select(fact => fact.ToString())));
    }
}

public sealed class TicketIntakeOnSqlite(SqliteTestDatabase database) : TicketIntakeContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class TicketIntakeOnMySql(MySqlTestDatabase database) : TicketIntakeContract(database), IClassFixture<MySqlTestDatabase>;
