using System.Security.Cryptography;
using System.Text;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Engagement.Tests.Support;

namespace Engagement.Tests.Storage.Audit;

/// <summary>What the audit log promises, on each database.</summary>
public abstract class AuditLogContract(TestDatabase test)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly AuditActor s_actor = new(7, "liu.fang", "pharmacist", 42);

    private readonly ManualClock _clock = new();

    private AuditLog Log => new(new Clocks(TimeProvider.System, _clock));

    [DatabaseFact]
    public async Task Rows_follow_one_another_and_the_chain_is_whole()
    {
        await AppendAsync(Entry("member.read"), Entry("member.read_health") with { MemberId = 5, Purpose = "核对过敏史 😷" });
        var verdict = await VerifyAsync();

        Assert.Null(verdict.Problem);
        Assert.Equal(verdict.Head.Seq, verdict.Rows);
        var rows = (await SearchAsync(new AuditQuery { Limit = 2 })).Reverse().ToList();
        Assert.Equal(rows[0].Seq + 1, rows[1].Seq);
        Assert.Equal("核对过敏史 😷", rows[1].Entry.Purpose);
        Assert.Equal(s_actor, rows[1].Entry.Actor);
        // The recipe of the documentation, written out by hand.
        var text = $"{Sized($"{rows[1].Seq}")}{Sized($"{rows[1].At}")}1:7\n8:liu.fang\n10:pharmacist\n2:42\n18:member.read_health\n1:5\n0:\n{Sized("核对过敏史 😷")}4:done\n0:\n";
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData([.. Convert.FromHexString(rows[0].Hash), .. Encoding.UTF8.GetBytes(text)])), rows[1].Hash);
    }

    [DatabaseTheory]
    [InlineData("UPDATE audit_entry SET purpose = 'x'")]
    [InlineData("DELETE FROM audit_entry")]
    public async Task The_database_refuses_to_change_a_row(string statement)
    {
        await AppendAsync(Entry("member.read"));

        var refused = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => test.Database.WriteAsync(tx => tx.ExecuteAsync(statement), None));

        Assert.Contains("only inserted into", refused.Message);
    }

    [DatabaseTheory]
    [InlineData("UPDATE audit_entry SET member_id = 6 WHERE seq = @seq")]
    [InlineData("UPDATE audit_entry SET at = at + 1 WHERE seq = @seq")]
    [InlineData("UPDATE audit_entry SET purpose = 'x' WHERE seq = @seq")]
    [InlineData("DELETE FROM audit_entry WHERE seq = @seq")]
    [InlineData("DELETE FROM audit_entry WHERE seq >= @seq")]
    public async Task Whoever_gets_round_that_is_found_out_at_the_first_broken_row(string tampering)
    {
        await using var own = await FreshAsync();
        for (var i = 0; i < 5; i++) await own.Database.WriteAsync(tx => Log.AppendAsync(tx, Entry("member.read") with { MemberId = 5 }), None);
        await own.Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("DROP TRIGGER audit_entry_no_update");
            await tx.ExecuteAsync("DROP TRIGGER audit_entry_no_delete");
            await tx.ExecuteAsync(tampering, new { seq = 3 });
        }, None);

        var verdict = await AuditLog.VerifyAsync(own.Database, null, None);

        Assert.Equal(3, verdict.BrokenAt);
        Assert.Equal(2, verdict.Rows);
    }

    [DatabaseFact]
    public async Task A_chain_that_was_written_anew_does_not_hold_the_end_that_was_noted_down()
    {
        await using var own = await FreshAsync();
        for (var i = 0; i < 3; i++) await own.Database.WriteAsync(tx => Log.AppendAsync(tx, Entry("member.read")), None);
        var noted = await own.Database.ReadAsync(AuditLog.HeadAsync, None);
        await own.Database.WriteAsync(tx => Log.AppendAsync(tx, Entry("staff.sign_out")), None);
        Assert.Null((await AuditLog.VerifyAsync(own.Database, noted, None)).Problem);

        Assert.Equal(3, (await AuditLog.VerifyAsync(own.Database, noted with { Hash = new string('a', 64) }, None)).BrokenAt);
        Assert.Equal(5, (await AuditLog.VerifyAsync(own.Database, noted with { Seq = 9 }, None)).BrokenAt);
    }

    [DatabaseFact]
    public async Task Appends_at_once_from_two_processes_make_one_chain()
    {
        var before = (await VerifyAsync()).Rows;
        // SQLite is for one process; there the second one is this one.
        await using var another = test.OpenAnother();
        var second = test.Database.Dialect == Dialect.MySql ? another : test.Database;

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => (i % 2 == 0 ? test.Database : second).WriteAsync(tx => Log.AppendAsync(tx, [Entry("member.read"), Entry("member.export")]), None))));

        var verdict = await VerifyAsync();
        Assert.Null(verdict.Problem);
        Assert.Equal(before + 400, verdict.Rows);
    }

    [DatabaseFact]
    public async Task An_entry_goes_with_the_change_that_it_tells_of()
    {
        var before = await test.Database.ReadAsync(AuditLog.HeadAsync, None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.WriteAsync(async tx =>
        {
            await Log.AppendAsync(tx, Entry("points.adjusted"));
            throw new InvalidOperationException("the change fails");
        }, None));

        Assert.Equal(before, await test.Database.ReadAsync(AuditLog.HeadAsync, None));
        Assert.Null((await VerifyAsync()).Problem);
    }

    [DatabaseFact]
    public async Task It_is_searched_by_who_whom_what_and_when_page_by_page()
    {
        var who = new AuditActor(Random.Shared.NextInt64(1_000, long.MaxValue), "wang", "auditor");
        var (from, member) = (_clock.GetUtcNow().ToUnixTimeMilliseconds(), Random.Shared.NextInt64(1_000, long.MaxValue));
        for (var i = 0; i < 6; i++)
        {
            await AppendAsync(new AuditEntry(who, i % 2 == 0 ? "coupon.granted" : "couponx") { MemberId = i < 4 ? member : null });
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(6, (await SearchAsync(new AuditQuery { ActorId = who.Id })).Count);
        Assert.Equal(4, (await SearchAsync(new AuditQuery { MemberId = member })).Count);
        Assert.Equal(3, (await SearchAsync(new AuditQuery { ActorId = who.Id, Action = "coupon." })).Count);
        Assert.Equal(3, (await SearchAsync(new AuditQuery { ActorId = who.Id, Action = "couponx" })).Count);
        Assert.Empty(await SearchAsync(new AuditQuery { ActorId = who.Id, Action = "%." }));
        Assert.Equal(2, (await SearchAsync(new AuditQuery { ActorId = who.Id, Since = from + 1_000, Until = from + 3_000 })).Count);
        var first = await SearchAsync(new AuditQuery { ActorId = who.Id, Limit = 4 });
        var rest = await SearchAsync(new AuditQuery { ActorId = who.Id, Limit = 4, Before = first[^1].Seq });
        Assert.Equal(6, first.Concat(rest).Select(row => row.Seq).Distinct().Count());
    }

    private static AuditEntry Entry(string action) => new(s_actor, action);

    private static string Sized(string text) => $"{Encoding.UTF8.GetByteCount(text)}:{text}\n";

    private Task AppendAsync(params AuditEntry[] entries) => test.Database.WriteAsync(tx => Log.AppendAsync(tx, entries), None);

    private Task<IReadOnlyList<AuditRecord>> SearchAsync(AuditQuery query) => test.Database.ReadAsync(session => AuditLog.SearchAsync(session, query), None);

    private Task<AuditVerdict> VerifyAsync() => AuditLog.VerifyAsync(test.Database, null, None);

    private async Task<TestDatabase> FreshAsync()
    {
        TestDatabase own = test is SqliteTestDatabase ? new SqliteTestDatabase() : new MySqlTestDatabase();
        await own.InitializeAsync();
        return own;
    }
}

public sealed class AuditLogOnSqlite(SqliteTestDatabase database) : AuditLogContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class AuditLogOnMySql(MySqlTestDatabase database) : AuditLogContract(database), IClassFixture<MySqlTestDatabase>;
