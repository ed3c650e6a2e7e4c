using Engagement.Messaging;
using Engagement.Messaging.Gate;
using Engagement.Messaging.Outbox;
using Engagement.Storage;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Outbox;

/// <summary>What staff do about messages that failed: one by one or many at once, with a name under it.</summary>
public abstract class DeadLetterContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private MessagingHouse _house = null!;

    public async Task InitializeAsync() => _house = await MessagingHouse.OpenAsync(test);

    public async Task DisposeAsync() => await _house.DisposeAsync();

    private DeadLetterStore Letters => _house.Get<DeadLetterStore>();

    [DatabaseFact]
    public async Task Only_what_failed_is_kept_and_once()
    {
        var failed = await FailedAsync("王秀兰", "19900000001");
        var waiting = await _house.EnqueueAsync(await _house.JoinAsync("李强", "19900000002"), Recall);

        await KeepAsync(failed, waiting);
        await KeepAsync(failed);

        var letter = Assert.Single(await ListAsync(new DeadLetterFilter()));
        Assert.Equal((failed, Reason.ProviderRefused, "isv.SMS_TEMPLATE_ILLEGAL", Recall), (letter.Message, letter.Reason, letter.Code, letter.Kind));
    }

    [DatabaseFact]
    public async Task Whatever_fails_is_kept_as_it_fails()
    {
        var refused = await _house.EnqueueAsync(await _house.JoinAsync("王秀兰", "19900000001"), Recall);
        var unmakeable = await _house.EnqueueAsync(await _house.JoinAsync("李强", "19900000002"), Recall);
        await _house.ExecuteAsync("UPDATE message SET template_version_id = 1 WHERE id = @id", new { id = unmakeable.Value });
        await _house.FaultsAsync(new { errorShare = new Dictionary<string, double> { ["isv.SMS_TEMPLATE_ILLEGAL"] = 1 } });

        await _house.RoundAsync();

        var letters = (await ListAsync(new DeadLetterFilter())).ToDictionary(letter => letter.Message);
        Assert.Equal((Reason.ProviderRefused, "isv.SMS_TEMPLATE_ILLEGAL", _house.Clock.NowMs()), (letters[refused].Reason, letters[refused].Code, letters[refused].FailedAt));
        Assert.Equal((Reason.DataError, null), (letters[unmakeable].Reason, letters[unmakeable].Code));
        Assert.Equal(2, letters.Count);
    }

    [DatabaseFact]
    public async Task Released_it_is_sent_and_its_old_attempt_is_kept()
    {
        var failed = await FailedAsync("王秀兰", "19900000001");
        await KeepAsync(failed);
        await _house.ExecuteAsync("UPDATE message SET channels_tried = 6 WHERE id = @id", new { id = failed.Value });
        await _house.ExecuteAsync("UPDATE run SET state = 5");

        var decision = await Letters.ReleaseAsync(new DeadLetterFilter(failed), null, "zhang.min", None);

        Assert.Equal((1, 0), (decision.Done, decision.Refused.Count));
        Assert.Equal([2L], await _house.QueryAsync<long>("SELECT DISTINCT state FROM run"));
        await _house.RoundAsync();
        var row = await _house.MessageAsync(failed);
        Assert.Equal((MessageState.Sent, 2, null), (row.State, row.Attempt, row.Reason));
        Assert.Equal("isv.SMS_TEMPLATE_ILLEGAL", await _house.ScalarAsync<string>("SELECT outcome_code FROM attempt WHERE message_id = @id", new { id = failed.Value }));
        Assert.Empty(await ListAsync(new DeadLetterFilter()));
        Assert.Equal("zhang.min", await _house.ScalarAsync<string>("SELECT decided_by FROM dead_letter"));
    }

    [DatabaseFact]
    public async Task What_has_no_way_is_refused_with_its_reason()
    {
        var failed = await FailedAsync("王秀兰", "19900000001");
        await KeepAsync(failed);
        _house.Clock.Advance(TimeSpan.FromDays(1));

        var late = await Letters.ReleaseAsync(new DeadLetterFilter(), null, "zhang.min", None);
        Assert.Equal((0, 1), (late.Done, late.Refused[Reason.Expired]));
        Assert.Equal(MessageState.Failed, (await _house.MessageAsync(failed)).State);

        await _house.ExecuteAsync("UPDATE run SET state = 4");
        var until = _house.Clock.GetUtcNow().AddHours(2).ToUnixTimeMilliseconds();
        Assert.Equal(1, (await Letters.ReleaseAsync(new DeadLetterFilter(), until, "zhang.min", None)).Refused[Reason.Cancelled]);
        await _house.ExecuteAsync("UPDATE run SET state = 2");
        Assert.Equal(1, (await Letters.ReleaseAsync(new DeadLetterFilter(), until, "zhang.min", None)).Done);

        await _house.RoundAsync();
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(failed)).State);
    }

    [DatabaseFact]
    public async Task Closed_it_stays_failed_and_is_not_released_any_more()
    {
        var failed = await FailedAsync("王秀兰", "19900000001");
        await KeepAsync(failed);

        Assert.Equal(1, (await Letters.CloseAsync(new DeadLetterFilter(Reason: Reason.ProviderRefused), "zhang.min", None)).Done);
        Assert.Equal(0, (await Letters.CloseAsync(new DeadLetterFilter(Reason: Reason.ProviderRefused), "zhang.min", None)).Done);
        Assert.Equal(0, (await Letters.ReleaseAsync(new DeadLetterFilter(failed), null, "zhang.min", None)).Done);

        Assert.Equal(MessageState.Failed, (await _house.MessageAsync(failed)).State);
    }

    [DatabaseFact]
    public async Task What_fails_again_after_its_release_is_open_again()
    {
        var failed = await FailedAsync("王秀兰", "19900000001");
        await KeepAsync(failed);
        await Letters.ReleaseAsync(new DeadLetterFilter(failed), null, "zhang.min", None);
        await _house.ExecuteAsync("UPDATE message SET state = 7, reason = 'data_error' WHERE id = @id", new { id = failed.Value });

        await KeepAsync(failed);

        Assert.Equal(Reason.DataError, Assert.Single(await ListAsync(new DeadLetterFilter())).Reason);
        Assert.Equal(0, await _house.ScalarAsync<long>("SELECT COUNT(*) FROM dead_letter WHERE decided_by IS NOT NULL"));
    }

    [DatabaseFact]
    public async Task Filters_narrow_and_pages_end()
    {
        var messages = new List<MessageId>();
        for (var i = 0; i < 5; i++) messages.Add(await FailedAsync("会员" + i, "1990000001" + i));
        foreach (var (message, i) in messages.Select((message, i) => (message, i)))
        {
            await KeepAsync(message);
            await _house.ExecuteAsync("UPDATE dead_letter SET failed_at = @at, reason = @reason WHERE message_id = @id",
                new { at = 1000 + i / 2, reason = i < 2 ? Reason.DataError : Reason.ProviderRefused, id = message.Value });
        }

        Assert.Equal(2, (await ListAsync(new DeadLetterFilter(Reason: Reason.DataError))).Count);
        Assert.Equal(3, (await ListAsync(new DeadLetterFilter(Since: 1001))).Count);
        Assert.Empty(await ListAsync(new DeadLetterFilter(Kind: Birthday)));
        Assert.Empty(await ListAsync(new DeadLetterFilter(Run: new RunId(1))));
        var seen = new List<MessageId>();
        for (DeadLetter? last = null; ;)
        {
            var page = await _house.Database.ReadAsync(session => DeadLetterStore.ListAsync(session, new DeadLetterFilter(), last, 2), None);
            seen.AddRange(page.Select(letter => letter.Message));
            if (page.Count < 2) break;
            last = page[^1];
        }

        Assert.Equal(messages.AsEnumerable().Reverse(), seen);
        Assert.Equal(3, (await Letters.ReleaseAsync(new DeadLetterFilter(Reason: Reason.ProviderRefused), null, "zhang.min", None)).Done);
        Assert.Equal(2, (await ListAsync(new DeadLetterFilter())).Count);
    }

    // Refused for good by the provider; the sandbox does not do so again.
    private async Task<MessageId> FailedAsync(string name, string phone)
    {
        var message = await _house.EnqueueAsync(await _house.JoinAsync(name, phone), Recall);
        await _house.FaultsAsync(new { errorShare = new Dictionary<string, double> { ["isv.SMS_TEMPLATE_ILLEGAL"] = 1 } });
        await _house.RoundAsync();
        await _house.FaultsAsync(new { });
        Assert.Equal(MessageState.Failed, (await _house.MessageAsync(message)).State);
        return message;
    }

    private Task KeepAsync(params MessageId[] messages) => _house.Database.WriteAsync(
        tx => DeadLetterStore.KeepAsync(tx, [.. messages.Select(message => message.Value)], _house.Clock.NowMs()), None);

    private Task<IReadOnlyList<DeadLetter>> ListAsync(DeadLetterFilter filter) =>
        _house.Database.ReadAsync(session => DeadLetterStore.ListAsync(session, filter, null, 100), None);
}

public sealed class DeadLettersOnSqlite(SqliteTestDatabase database) : DeadLetterContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class DeadLettersOnMySql(MySqlTestDatabase database) : DeadLetterContract(database), IClassFixture<MySqlTestDatabase>;
