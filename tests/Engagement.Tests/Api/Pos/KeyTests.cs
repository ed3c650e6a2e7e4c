using Engagement.Api.Pos;
using Engagement.Api.Pos.Keys;
using Engagement.Storage.Audit;
using Engagement.Tests.Api.Staff;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Pos;

/// <summary>What an API key opens, and what it does not.</summary>
public abstract class KeyContract(PosFixture pos)
{
    private const string Totals = "/api/pos/totals?store=S001";
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly PosApp _app = pos.App;

    [DatabaseFact]
    public async Task A_key_is_shown_once_and_only_its_hash_is_kept()
    {
        var made = await Keys.AddAsync(AuditActor.CommandLine, File("shown"), None);

        Assert.Matches("^pk_[a-z2-9]{8}_[a-z2-9]{32}$", made.Text!);
        var kept = await _app.Database.ReadAsync(session => session.QueryAsync<(string Prefix, string Hash)>("SELECT prefix, secret_hash FROM pos_key WHERE name = 'shown'"), None);
        Assert.DoesNotContain(made.Text![12..], kept.Single().Hash, StringComparison.Ordinal);
        Assert.Equal(made.Text[3..11], kept.Single().Prefix);
        Assert.Equal(AuditEntry.Done, (await _app.AuditAsync("pos_key.added"))[0].Entry.Outcome);
    }

    [DatabaseFact]
    public async Task Only_a_live_key_gets_in()
    {
        var made = await Keys.AddAsync(AuditActor.CommandLine, File("live"), None);
        var over = await Keys.AddAsync(AuditActor.CommandLine, File("over") with { ExpiresAt = _app.Clocks.System.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds() }, None);
        await _app.Database.WriteAsync(tx => tx.ExecuteAsync("UPDATE pos_key SET expires_at = 1 WHERE name = 'over'"), None);
        using var live = _app.Client(made.Text);

        Assert.Equal((200, null), await live.SendAsync("GET", Totals).SaidAsync());
        foreach (var wrong in (string?[])[null, "", "x", made.Text![..^1] + "!", made.Text[..^2] + "zz", over.Text, PosKeys.DemoKey, made.Text.ToUpperInvariant()])
        {
            using var stranger = _app.Client();
            Assert.Equal((401, "key_refused"), await stranger.SendAsync("GET", Totals, null, ("Authorization", wrong is null ? "Basic eDp5" : $"Bearer {wrong}")).SaidAsync());
        }

        Assert.Null(await Keys.RevokeAsync(AuditActor.CommandLine, "live", None));
        Assert.Equal((401, "key_refused"), await live.SendAsync("GET", Totals).SaidAsync());
        Assert.Same(PosProblems.KeyRevoked, await Keys.RevokeAsync(AuditActor.CommandLine, "live", None));
        Assert.Same(PosProblems.KeyNameTaken, (await Keys.AddAsync(AuditActor.CommandLine, File("live"), None)).Refused);
    }

    [DatabaseFact]
    public async Task A_key_opens_its_rights_and_its_stores_and_no_other_store_is_there()
    {
        using var till = await _app.TillAsync(["S001"], PosRight.Totals, PosRight.Redeem);

        Assert.Equal((200, null), await till.SendAsync("GET", Totals).SaidAsync());
        Assert.Equal((404, "not_found"), await till.SendAsync("GET", "/api/pos/totals?store=S002").SaidAsync());
        Assert.Equal((404, "not_found"), await till.SendAsync("GET", "/api/pos/totals?store=S404").SaidAsync());
        Assert.Equal((403, "key_right_missing"), await till.SendAsync("POST", "/api/pos/members", """{"store":"S001","phone":"13800138001"}""").SaidAsync());
        Assert.Equal((404, "not_found"), await till.SendAsync("POST", "/api/pos/checkout/release", """{"store":"S002","till":"1","ticket":"T"}""").SaidAsync());
        Assert.Equal((401, "signed_out"), await till.SendAsync("GET", "/api/staff/session").SaidAsync());
    }

    [DatabaseFact]
    public async Task It_is_noted_when_a_key_was_used_last()
    {
        using var till = await _app.TillAsync();
        Assert.Contains(await Keys.ListAsync(None), key => key.LastUsedAt is null);

        var before = _app.Clocks.System.GetUtcNow().ToUnixTimeMilliseconds();
        await till.GetAsync(Totals);

        Assert.InRange((await Keys.ListAsync(None)).Max(key => key.LastUsedAt ?? 0), before, before + 60_000);
    }

    [DatabaseFact]
    public async Task A_key_that_says_nothing_useful_is_not_made()
    {
        Assert.Equal("key_store_unknown", (await Keys.AddAsync(AuditActor.CommandLine, File("a1") with { Stores = ["S404"] }, None)).Refused!.Code);
        foreach (var wrong in (PosKeyFile[])[File("A"), File("b1") with { Rights = [] }, File("c1") with { Stores = [] }, File("d1") with { Source = "a b" }, File("e1") with { ExpiresAt = 1 }])
        {
            Assert.Equal("fields_invalid", (await Keys.AddAsync(AuditActor.CommandLine, wrong, None)).Refused!.Code);
        }
    }

    private PosKeys Keys => _app.Service<PosKeys>();

    private static PosKeyFile File(string name) => new(name, "till", [PosRight.Totals], null);
}

public sealed class KeysOnSqlite(SqlitePos pos) : KeyContract(pos), IClassFixture<SqlitePos>;

public sealed class KeysOnMySql(MySqlPos pos) : KeyContract(pos), IClassFixture<MySqlPos>;
