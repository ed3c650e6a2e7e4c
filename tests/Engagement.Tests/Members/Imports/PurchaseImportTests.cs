using Engagement.Members.Imports;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Imports;

/// <summary>What an import of purchases promises, on each database.</summary>
public abstract class PurchaseImportContract(TestDatabase test) : IAsyncLifetime
{
    private const string Facts = "SELECT member_id, first_day, last_day, visits, spend_fen FROM member_fact ORDER BY member_id";
    private const string Products = "SELECT member_id, product_id, first_day, last_day, times, quantity, fen FROM member_product ORDER BY member_id, product_id";
    private const string Lines = "SELECT member_id, therapy_key, product_id, first_fill_day, last_fill_day, coverage_end, state FROM therapy_line ORDER BY member_id, therapy_key";

    private Pharmacy _pharmacy = null!;

    public async Task InitializeAsync()
    {
        _pharmacy = await Pharmacy.OpenAsync(test);
        await _pharmacy.StockAsync();
        await _pharmacy.ImportAsync(
            Pharmacy.Member("M1", "王秀兰", "19900000001"), Pharmacy.Member("M2", "李强", "19900000002"), Pharmacy.Member("M3", "陈敏", "19900000003"));
    }

    public async Task DisposeAsync() => await _pharmacy.DisposeAsync();

    [DatabaseFact]
    public async Task A_second_run_changes_nothing_and_says_so()
    {
        PurchaseLineRow[] rows = [_pharmacy.Sale("T1", 10), _pharmacy.Sale("T1", 10, "CREAM", 2, line: 2), _pharmacy.Sale("T2", 5, member: "M2"), _pharmacy.Refund("R1", 4, "T1")];

        var first = await _pharmacy.ImportAsync(rows);
        var before = await SnapshotAsync();
        var second = await _pharmacy.ImportAsync(rows);

        Assert.Equal((4, 4, 0), (first.Rows, first.Added, first.Unchanged));
        Assert.Equal((4, 0, 4), (second.Rows, second.Added, second.Unchanged));
        Assert.Empty(second.Totals);
        Assert.Equal(before, await SnapshotAsync());
    }

    [DatabaseFact]
    public async Task The_same_key_with_other_content_is_refused_and_changes_nothing()
    {
        await _pharmacy.ImportAsync(_pharmacy.Sale("T1", 10), _pharmacy.Sale("T1", 10, "CREAM", 2, line: 2));
        var before = await SnapshotAsync();

        var report = await _pharmacy.ImportAsync(
            _pharmacy.Sale("T1", 10, quantity: 3) with { Line = 2 }, _pharmacy.Sale("T1", 9, "CREAM", 2, line: 2) with { Line = 3 });

        // The second contradicts the first about the day of the ticket, before anybody asks what is stored.
        Assert.Equal(["changed_content", "ticket_differs"], _pharmacy.Rejections.Select(r => r.Code).Order());
        Assert.Equal((0, 0), (report.Added, report.Unchanged));
        Assert.Equal(before, await SnapshotAsync());
    }

    [DatabaseFact]
    public async Task A_stored_ticket_with_another_day_is_refused()
    {
        await _pharmacy.ImportAsync(_pharmacy.Sale("T1", 10));

        var report = await _pharmacy.ImportAsync(_pharmacy.Sale("T1", 9, line: 2));

        Assert.Equal(1, report.Rejected["changed_content"]);
    }

    [DatabaseFact]
    public async Task A_ticket_split_over_batches_counts_as_one_visit()
    {
        _pharmacy.Options = _pharmacy.Options with { BatchRows = 2 };

        var report = await _pharmacy.ImportAsync([.. Enumerable.Range(1, 5).Select(line => _pharmacy.Sale("T1", 3, "CREAM", line: line))]);

        Assert.Equal(5, report.Added);
        Assert.Equal((1L, 5000L), await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM purchase") is var tickets
            ? (tickets, await _pharmacy.ScalarAsync<long>("SELECT SUM(spend_fen) FROM member_fact")) : default);
        Assert.Equal(1, await _pharmacy.ScalarAsync<long>("SELECT SUM(visits) FROM member_fact"));
        Assert.Equal((1, 5, 5000L), report.Totals.Single() is var total ? (total.Tickets, total.Lines, total.NetFen) : default);
    }

    [DatabaseFact]
    public async Task A_refund_before_its_sale_waits_and_is_applied_when_the_sale_comes()
    {
        var refund = _pharmacy.Refund("R1", 2, "T1");

        var parked = await _pharmacy.ImportAsync(refund);
        var again = await _pharmacy.ImportAsync(refund);
        Assert.Equal((1, 0, 1), (parked.Parked, parked.Added, again.Unchanged));
        Assert.Equal(0, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM purchase"));

        var sale = await _pharmacy.ImportAsync(_pharmacy.Sale("T1", 5));

        Assert.Equal((1, 1), (sale.Added, sale.Unparked));
        Assert.Equal(0, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM parked_refund"));
        Assert.Equal(0, await _pharmacy.ScalarAsync<long>("SELECT SUM(quantity) FROM purchase_line"));
        Assert.Equal(1, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM purchase_line r JOIN purchase_line s ON r.original_line_id = s.id"));
        Assert.Equal(0, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM therapy_line"));
        Assert.Equal((1, 0, 1), (await _pharmacy.ImportAsync(refund)) is var third ? (third.Unchanged, third.Added, third.Rows) : default);
    }

    [DatabaseFact]
    public async Task A_refund_that_names_no_buyer_goes_to_whoever_bought()
    {
        await _pharmacy.ImportAsync(_pharmacy.Sale("T1", 5, quantity: 2), _pharmacy.Refund("R1", 2, "T1", member: "") with { TillNo = "9" });

        Assert.Equal(1, await _pharmacy.ScalarAsync<long>("SELECT COUNT(DISTINCT member_id) FROM purchase"));
        Assert.Equal(1000, await _pharmacy.ScalarAsync<long>("SELECT SUM(spend_fen) FROM member_fact"));
    }

    [DatabaseFact]
    public async Task A_refund_of_another_product_than_was_sold_is_refused()
    {
        var report = await _pharmacy.ImportAsync(_pharmacy.Sale("T1", 5), _pharmacy.Refund("R1", 2, "T1", "CREAM"));

        Assert.Equal(1, report.Rejected["original_product_differs"]);
    }

    [DatabaseFact]
    public async Task Rows_that_cannot_be_are_refused_one_by_one_with_their_line()
    {
        var good = _pharmacy.Sale("T0", 5);
        PurchaseLineRow[] rows =
        [
            good with { Line = 2 },
            good with { Line = 3, TicketNo = "A", StoreCode = "S9" },
            good with { Line = 4, TicketNo = "B", Sku = "NOPE" },
            good with { Line = 5, TicketNo = "C", Quantity = -1, NetFen = -1000 },
            good with { Line = 6, TicketNo = "D", NetFen = 999 },
            good with { Line = 7, TicketNo = "E", BusinessDay = _pharmacy.Today + 1 },
            good with { Line = 8, TicketNo = "F", TraceCodes = ["81000000000000000001", "81000000000000000002"] },
            good with { Line = 9, TicketNo = "" },
            good with { Line = 10, TicketNo = "G", Event = PurchaseEvent.Refund },
            good with { Line = 11, TicketNo = "H", Quantity = int.MaxValue, UnitPriceFen = long.MaxValue, NetFen = 1 },
            good with { Line = 12, TicketNo = new string('9', 65) },
            good with { Line = 13, TicketNo = "I", TraceCodes = ["\"]"] },
        ];

        var report = await _pharmacy.ImportAsync(rows);

        Assert.Equal(
            [(3, "unknown_store"), (4, "unknown_product"), (5, "negative_quantity"), (6, "net_differs"), (7, "date_in_future"), (8, "trace_codes_exceed_quantity"),
                (9, "missing"), (10, "positive_quantity"), (11, "quantity_invalid"), (12, "too_long"), (13, "trace_code_invalid")],
            _pharmacy.Rejections.Select(r => (r.Line, r.Code)));
        Assert.Equal((12, 1, 11), (report.Rows, report.Added, report.Rejected.Values.Sum()));
    }

    [DatabaseFact]
    public async Task Who_is_not_known_buys_anonymously_and_a_phone_of_one_member_is_enough()
    {
        await _pharmacy.ImportAsync(Pharmacy.Member("M4", "赵磊", "19900000004"), Pharmacy.Member("M5", "赵敏", "19900000004"));

        var report = await _pharmacy.ImportAsync(
            _pharmacy.Sale("T1", 5, member: ""), _pharmacy.Sale("T2", 5, member: "NOBODY"),
            _pharmacy.Sale("T3", 5, member: "") with { Phone = "199-0000-0002" }, _pharmacy.Sale("T4", 5, member: "") with { Phone = "19900000004" });

        Assert.Equal(4, report.Added);
        Assert.Equal(2, report.Flagged["unknown_member"]);
        Assert.Equal(["T3"], await _pharmacy.QueryAsync<string>("SELECT ticket_no FROM purchase WHERE member_id IS NOT NULL"));
    }

    [DatabaseFact]
    public async Task Batch_and_trace_codes_are_kept()
    {
        await _pharmacy.ImportAsync(_pharmacy.Sale("T1", 5, quantity: 2) with { BatchNo = "B20260101", ExpiryDay = 21000, TraceCodes = ["81001", "81002"] });

        Assert.Equal("""["81001","81002"]""", await _pharmacy.ScalarAsync<string>("SELECT trace_codes FROM purchase_line"));
        Assert.Equal("B20260101", await _pharmacy.ScalarAsync<string>("SELECT batch_no FROM purchase_line"));
    }

    [DatabaseFact]
    public async Task A_dry_run_counts_and_writes_nothing()
    {
        _pharmacy.Options = _pharmacy.Options with { DryRun = true };

        var report = await _pharmacy.ImportAsync(_pharmacy.Sale("T1", 5), _pharmacy.Sale("T2", 5, "NOPE"));

        Assert.Equal((2, 1, 1), (report.Rows, report.Added, report.Rejected["unknown_product"]));
        Assert.Equal(0, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM purchase"));
    }

    [DatabaseFact]
    public async Task Facts_and_therapy_lines_are_the_same_whether_kept_or_rebuilt()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            await test.Database.WriteAsync(async tx =>
            {
                foreach (var table in (string[])["purchase", "purchase_line", "parked_refund", "therapy_line", "member_product"]) await tx.ExecuteAsync($"DELETE FROM {table}");
                await tx.ExecuteAsync("UPDATE member_fact SET first_day = NULL, last_day = NULL, visits = 0, spend_fen = 0");
            }, CancellationToken.None);
            var random = new Random(seed);
            _pharmacy.Options = new ImportOptions(BatchRows: random.Next(1, 30));
            var history = History(random);

            var report = await _pharmacy.ImportAsync([.. history]);
            var kept = await SnapshotAsync();
            await _pharmacy.Facts.RebuildAsync(CancellationToken.None);
            var lines = await _pharmacy.Therapies.RebuildAsync(CancellationToken.None);

            Assert.Equal(kept, await SnapshotAsync());
            Assert.Equal(history.Count, report.Added + report.Unparked);
            Assert.Equal(lines, await _pharmacy.ScalarAsync<long>("SELECT COUNT(*) FROM therapy_line"));
        }
    }

    // Sales of some weeks and refunds of a quarter of them, some blind, some before their sale, all in any order.
    private List<PurchaseLineRow> History(Random random)
    {
        string[] skus = ["AML28", "AML7", "MET60", "WAR", "CREAM"];
        var rows = new List<PurchaseLineRow>();
        for (var i = 0; i < 60; i++)
        {
            var sku = skus[random.Next(skus.Length)];
            var sale = _pharmacy.Sale($"T{i}", random.Next(60, 100), sku, random.Next(1, 4), $"M{random.Next(1, 4)}");
            if (random.Next(6) == 0) sale = sale with { DaysSupply = random.Next(5, 40) };
            rows.Add(sale);
            if (random.Next(4) != 0) continue;
            var blind = random.Next(3) == 0;
            rows.Add(_pharmacy.Refund($"R{i}", random.Next(10, 60), blind ? "" : sale.TicketNo, sku, random.Next(1, sale.Quantity + 1), sale.MemberNo, blind ? 0 : 1));
        }

        if (random.Next(3) == 0) return [.. rows.OrderBy(r => r.BusinessDay)];
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(rows));
        return rows;
    }

    private async Task<string> SnapshotAsync()
    {
        var facts = await _pharmacy.QueryAsync<(long, long?, long?, long, long)>(Facts);
        var products = await _pharmacy.QueryAsync<(long, long, long, long, long, long, long)>(Products);
        var lines = await _pharmacy.QueryAsync<(long, string, long, long, long, long, long)>(Lines);
        return string.Join('\n', [.. facts.Select(f => f.ToString()), .. products.Select(p => p.ToString()), .. lines.Select(l => l.ToString())]);
    }
}

public sealed class PurchaseImportOnSqlite(SqliteTestDatabase database) : PurchaseImportContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class PurchaseImportOnMySql(MySqlTestDatabase database) : PurchaseImportContract(database), IClassFixture<MySqlTestDatabase>;
