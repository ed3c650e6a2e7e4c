using Engagement.Members;
using Engagement.Messaging;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Receipts;
using Engagement.Messaging.Settling;
using Engagement.Messaging.Settling.Sweeps;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Settling;

/// <summary>Rows that somebody edited by hand into what there is not: the pipeline goes on, and they end where people see them.</summary>
public abstract class BadRowContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;
    private MemberId _bad;

    public async Task InitializeAsync()
    {
        _house = await MessagingHouse.OpenAsync(test);
        await _house.ReceiptsAsync(false);
        _bad = await _house.JoinAsync("王秀兰", "19900000001");
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseTheory]
    [InlineData("state = 99")]
    [InlineData("state = -1")]
    [InlineData("state = 0, kind = 77, class = 99, channel = 7, attempt_no = -5")]
    public async Task A_state_that_there_is_not_fails_with_a_reason_and_waits_for_a_person(string edit)
    {
        var row = await AmongGoodOnesAsync(edit);

        Assert.Equal((MessageState.Failed, Reason.DataError, null), (row.State, row.Reason, row.ReadyAt));
        Assert.Equal(Reason.DataError, await _house.ScalarAsync<string>("SELECT reason FROM dead_letter"));
        Assert.Equal(1, await CountedAsync("impossible_rows"));
    }

    [DatabaseFact]
    public async Task A_run_that_there_is_not_fails_its_messages_with_a_reason()
    {
        var row = await AmongGoodOnesAsync("run_id = 1, ready_at = ready_at + 3600000");

        Assert.Equal((MessageState.Failed, Reason.DataError), (row.State, row.Reason));
        Assert.Equal(1, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM dead_letter"));
    }

    [DatabaseTheory]
    [InlineData("state = 8, channel = 7, provider = 'nobody', reference = NULL")]
    [InlineData("state = 8, channel = NULL, provider = NULL, reference = NULL, intent_at = NULL")]
    [InlineData("state = 8, channel = 2, provider = 'aliyun', address_index = NULL, attempt_no = -5")]
    [InlineData("state = 8, channel = 2, provider = 'aliyun', member_id = 7")]
    [InlineData("state = 8, class = 99, channel = 2, provider = 'nobody'")]
    public async Task A_doubt_about_what_there_is_not_is_settled_like_any_other(string edit)
    {
        var row = await AmongGoodOnesAsync(edit);

        Assert.NotEqual(MessageState.Sending, row.State);
        Assert.True(row.State is not MessageState.InDoubt || row.ReadyAt is null || row.ReadyAt > _house.Clock.GetUtcNow().ToUnixTimeMilliseconds());
    }

    [DatabaseTheory]
    [InlineData("state = 4")]
    [InlineData("state = 6")]
    public async Task A_last_state_wants_no_attention(string edit)
    {
        Assert.Null((await AmongGoodOnesAsync(edit)).ReadyAt);
    }

    [DatabaseTheory]
    [InlineData("template_version_id = 1")]
    [InlineData("kind = 77")]
    [InlineData("attempt_no = -5, template_version_id = 1")]
    public async Task What_waits_and_cannot_be_made_fails_with_a_reason(string edit)
    {
        var row = await AmongGoodOnesAsync(edit);

        Assert.Equal((MessageState.Failed, Reason.DataError), (row.State, row.Reason));
    }

    [DatabaseTheory]
    [InlineData(-1)]
    [InlineData(-2)]
    [InlineData(-70)]
    public async Task An_attempt_number_that_there_is_not_counts_on_and_its_refusal_holds_up_nobody(int attempts)
    {
        var bad = await _house.EnqueueAsync(_bad, Recall);
        await _house.ExecuteAsync("UPDATE message SET attempt_no = @attempts WHERE id = @id", new { attempts, id = bad.Value });
        await _house.FaultsAsync(new { errorShare = new Dictionary<string, double> { ["isp.SYSTEM_ERROR"] = 1 } });
        await _house.RoundAsync();
        var row = await _house.MessageAsync(bad);
        Assert.Equal((MessageState.Pending, attempts + 1), (row.State, row.Attempt));
        Assert.InRange(row.ReadyAt!.Value - _house.Clock.GetUtcNow().ToUnixTimeMilliseconds(), 5_000, 7_500);

        await _house.FaultsAsync(new { });
        var good = await _house.EnqueueAsync(await _house.JoinAsync("陈敏", "19900000011"), Recall);
        _house.Clock.Advance(TimeSpan.FromSeconds(8));
        await _house.RoundAsync();
        foreach (var message in (MessageId[])[bad, good]) Assert.Equal(MessageState.Sent, (await _house.MessageAsync(message)).State);
    }

    [DatabaseFact]
    public async Task A_class_that_there_is_not_on_a_run_is_the_last_class()
    {
        var (bad, good) = (await _house.EnqueueAsync(_bad, Recall), await _house.EnqueueAsync(await _house.JoinAsync("陈敏", "19900000011"), Recall));
        await _house.ExecuteAsync("UPDATE run SET class = 99 WHERE id = (SELECT run_id FROM message WHERE id = @id)", new { id = bad.Value });

        await _house.RoundAsync();

        foreach (var message in (MessageId[])[bad, good]) Assert.Equal(MessageState.Sent, (await _house.MessageAsync(message)).State);
    }

    [DatabaseTheory]
    [InlineData("no json")]
    [InlineData("{\"lines\":[{\"id\":1,\"end\":1}],\"more\":")]
    public async Task Parameters_of_any_size_and_form_cost_only_their_message(string beginning)
    {
        // As much as the column takes: sixteen bits of length on MySQL, ten megabytes where nothing limits it.
        var length = _house.Database.Dialect.Name == "mysql" ? 60_000 : 10_000_000;
        var row = await AmongGoodOnesAsync("kind = 3, params = @text", new string('x', length).Insert(0, beginning));

        Assert.Equal(MessageState.Failed, row.State);
    }

    private async Task<MessageRow> AmongGoodOnesAsync(string edit, string text = "")
    {
        await _house.ExecuteAsync("INSERT INTO consent (member_id, purpose, granted, text_version, source, changed_at) VALUES (@id, 2, 1, '', 'test', 1), (@id, 3, 1, '', 'test', 1)", new { id = _bad.Value });
        var bad = await _house.EnqueueAsync(_bad, Recall);
        var (before, after) = (await _house.EnqueueAsync(await _house.JoinAsync("陈敏", "19900000011"), Recall), await _house.EnqueueAsync(await _house.JoinAsync("赵磊", "19900000012"), Recall));
        await _house.TogetherAsync(before, bad, after);
        await _house.ExecuteAsync($"UPDATE message SET {edit} WHERE id = @id", new { text, id = bad.Value });

        await _house.RoundAsync();
        await _house.Get<Settler>().RoundAsync(None);
        foreach (var sweep in _house.Get<IEnumerable<ISweep>>()) await sweep.MendAsync(None);
        await _house.Get<InboundApplier>().ApplyAsync(None);
        await _house.RoundAsync();

        foreach (var good in (MessageId[])[before, after]) Assert.Equal(MessageState.Sent, (await _house.MessageAsync(good)).State);
        return await _house.MessageAsync(bad);
    }

    private Task<long> CountedAsync(string name) => _house.ScalarAsync<long>("SELECT COALESCE(SUM(mended_total), 0) FROM sweep WHERE name = @name", new { name });
}

public sealed class BadRowsOnSqlite(SqliteTestDatabase database) : BadRowContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class BadRowsOnMySql(MySqlTestDatabase database) : BadRowContract(database), IClassFixture<MySqlTestDatabase>;
