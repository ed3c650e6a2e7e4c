using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Messaging;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Tests.Support;
using static Engagement.Messaging.MessageKind;

namespace Engagement.Tests.Messaging.Dispatch;

/// <summary>One message that stands on broken data, in one wave with good ones: it costs only itself.</summary>
public abstract class PoisonContract(TestDatabase test) : IAsyncLifetime
{
    private MessagingHouse _house = null!;
    private MemberId _bad;

    public async Task InitializeAsync()
    {
        _house = await MessagingHouse.OpenAsync(test);
        _bad = await _house.JoinAsync("王秀兰", "19900000001", "", Purpose.Health, Purpose.Reminder, Purpose.MarketingSms);
    }

    public async Task DisposeAsync() => await _house.DisposeAsync();

    [DatabaseTheory]
    [InlineData("UPDATE member SET name_cipher = @broken WHERE id = @member")]
    [InlineData("UPDATE member SET phone_cipher = @broken WHERE id = @member")]
    [InlineData("UPDATE member SET name_cipher = @otherKey WHERE id = @member")]
    [InlineData("UPDATE message SET template_version_id = 1 WHERE id = @message")]
    [InlineData("UPDATE message SET kind = 99 WHERE id = @message")]
    public Task Broken_rows(string breaking) => CostsOnlyItselfAsync(Recall, breaking, Reason.DataError);

    [DatabaseTheory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"lines\":null}")]
    [InlineData("{\"lines\":[{\"id\":\"x\"}]}")]
    public async Task Broken_parameters_of_a_reminder(string parameters)
    {
        var message = await _house.EnqueueAsync(_bad, Refill, new RefillParams([]).ToJson());
        await _house.ExecuteAsync("UPDATE message SET params = @parameters WHERE id = @id", new { parameters, id = message.Value });

        await CostsOnlyItselfAsync(message, Reason.DataError);
    }

    [DatabaseFact]
    public async Task A_template_that_fails_on_this_member()
    {
        // A date keyword that comes out as no date.
        var template = MessagingHouse.Template(Recall);
        var weChat = template.Contents.WeChatSubscribe!;
        var keywords = weChat.Keywords.ToDictionary(k => k.Key, k => k.Key == "date3" ? "{{ member.name }}" : k.Value);
        template = template with { Code = "broken", Contents = new TemplateContents { WeChatSubscribe = weChat with { Keywords = keywords }, Inbox = template.Contents.Inbox } };
        var member = await _house.JoinAsync("李强", openId: "oLi");
        await _house.GrantAsync(member, Recall);
        var message = await _house.EnqueueAsync(member, Recall, template: template);

        await CostsOnlyItselfAsync(message, Reason.TemplateError);
        Assert.Equal(1, await _house.GrantsLeftAsync(member, Recall));
    }

    [DatabaseFact]
    public async Task A_template_version_that_does_not_even_compile()
    {
        var template = MessagingHouse.Template(Recall);
        template = template with { Code = "broken", Contents = template.Contents with { Inbox = new InboxContent("{{ if", "…", "pages/x") } };

        await CostsOnlyItselfAsync(await _house.EnqueueAsync(_bad, Recall, template: template), Reason.TemplateError);
    }

    [DatabaseFact]
    public async Task A_text_that_no_column_holds()
    {
        var template = MessagingHouse.Template(Recall);
        template = template with { Code = "long", Contents = template.Contents with { Inbox = new InboxContent("长", "{{ for i in 1..900 }}这一行有三十个字，重复九百次就比数据库的一列所能放下的还要长了。{{ end }}", "pages/x") } };

        await CostsOnlyItselfAsync(await _house.EnqueueAsync(_bad, Recall, template: template), Reason.DataError);
    }

    [DatabaseTheory]
    [InlineData("content")]
    [InlineData("audience_rule")]
    public async Task A_campaign_that_cannot_be_read(string column)
    {
        var campaign = await _house.CampaignAsync(smsFallback: true);
        var message = await _house.EnqueueAsync(_bad, Promotion, campaign: campaign.Id);
        await _house.ExecuteAsync($"UPDATE campaign SET {column} = 'no json'");

        await CostsOnlyItselfAsync(message, Reason.DataError);
    }

    private async Task CostsOnlyItselfAsync(MessageKind kind, string breaking, string reason)
    {
        var message = await _house.EnqueueAsync(_bad, kind);
        await _house.ExecuteAsync(breaking, new
        {
            member = _bad.Value, message = message.Value, broken = (byte[])[1, 2, 3], otherKey = (byte[])[99, .. new byte[40]],
        });
        await CostsOnlyItselfAsync(message, reason);
    }

    private async Task CostsOnlyItselfAsync(MessageId message, string reason)
    {
        var before = await _house.EnqueueAsync(await _house.JoinAsync("陈敏", "19900000011"), Recall);
        var after = await _house.EnqueueAsync(await _house.JoinAsync("赵磊", "19900000012"), Recall);
        await _house.TogetherAsync(before, message, after);

        Assert.Equal(3, await _house.RoundAsync());

        var row = await _house.MessageAsync(message);
        Assert.Equal((MessageState.Failed, reason), (row.State, row.Reason));
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(before)).State);
        Assert.Equal(MessageState.Sent, (await _house.MessageAsync(after)).State);
        Assert.Equal(0, await _house.RoundAsync());
    }
}

public sealed class PoisonOnSqlite(SqliteTestDatabase database) : PoisonContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class PoisonOnMySql(MySqlTestDatabase database) : PoisonContract(database), IClassFixture<MySqlTestDatabase>;
