using Engagement.Api.Hosting;
using Engagement.Messaging;
using Engagement.Messaging.Inbox;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>消息: what was said to a member, why, and the switch for "no more of these".</summary>
internal static class InboxEndpoints
{
    private static readonly Problem s_noSwitch = new("no_switch", 400, new("这类消息不能关闭：账户、服务和安全通知必须送达。", "This kind cannot be switched off: notices about account, service and safety must arrive."));

    public static RouteGroupBuilder MapInbox(this RouteGroupBuilder member)
    {
        var group = member.MapGroup("/inbox").WithTags("Inbox");

        group.MapGet("/", ListAsync).RequireMember().WithSummary("Messages, newest first, whether or not another channel carried them");
        group.MapGet("/unread", UnreadAsync).RequireMember().WithSummary("How many wait to be opened");
        group.MapGet("/switches", SwitchesAsync).RequireMember().WithSummary("The kinds that can be switched off, and whether they are");
        group.MapGet("/{messageId:long}", OpenAsync).RequireMember().WithSummary("One message, why it came, and the switch of its kind; marks it read");
        group.MapPut("/switches/{kind}", SwitchAsync).RequireMember().WithSummary("No more of these, or these again; what waits of the kind ends").WithExample("""{"on":false}""");
        return group;
    }

    private static async Task<Results<Ok<Page<InboxEntry>>, ProblemAnswer>> ListAsync(string? cursor, int? limit, MemberCaller caller, MemberInbox inbox, CancellationToken ct)
    {
        if (!Cursor.TryRead(cursor, out var before)) return Problems.CursorInvalid.Answer();
        var items = await inbox.ListAsync(caller.Id, before is { } id ? new MessageId(id) : null, Cursor.Rows(limit), ct);
        return TypedResults.Ok(Cursor.Page(items, limit, item => item.Id.Value, item => InboxEntry.Of(item, caller.Language)));
    }

    private static async Task<Ok<UnreadAnswer>> UnreadAsync(MemberCaller caller, Database database, CancellationToken ct) =>
        TypedResults.Ok(new UnreadAnswer(await database.ReadAsync(session => MemberInbox.UnreadAsync(session, caller.Id), ct)));

    private static async Task<Ok<ItemList<KindSwitch>>> SwitchesAsync(MemberCaller caller, Database database, CancellationToken ct)
    {
        var switches = await database.ReadAsync(session => KindSwitches.ReadAsync(session, caller.Id), ct);
        return TypedResults.Ok(new ItemList<KindSwitch>([.. switches.Select(one => new KindSwitch(one.Key, InboxKinds.Name(one.Key).In(caller.Language), one.Value))]));
    }

    private static async Task<Results<Ok<InboxMessage>, ProblemAnswer>> OpenAsync(long messageId, MemberCaller caller, MemberInbox inbox, CancellationToken ct)
    {
        if (await inbox.OpenAsync(caller.Id, new MessageId(messageId), ct) is not { } opened) return Problems.NotFound.Answer();
        var (item, language) = (opened.Item, caller.Language);
        return TypedResults.Ok(new InboxMessage(
            item.Id, item.Kind, InboxKinds.Name(item.Kind).In(language), item.Title, MemberInbox.Summary(item.Body), item.Body, item.At, item.Read, item.Page, opened.Why.In(language),
            opened.On is { } on ? new KindSwitch(item.Kind, InboxKinds.Name(item.Kind).In(language), on) : null));
    }

    private static async Task<Results<NoContent, ProblemAnswer>> SwitchAsync(string kind, SwitchBody body, MemberCaller caller, KindSwitches switches, Database database, CancellationToken ct)
    {
        if (KindOf(kind) is not { } known) return Problems.NotFound.Answer();
        return await database.WriteAsync(tx => switches.SetAsync(tx, caller.Id, known, body.On), ct) ? TypedResults.NoContent() : s_noSwitch.Answer();
    }

    private static MessageKind? KindOf(string word) => Enum.GetValues<MessageKind>().Cast<MessageKind?>().FirstOrDefault(kind => string.Equals(kind.ToString(), word, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A list that is never longer than one answer.</summary>
internal sealed record ItemList<T>(IReadOnlyList<T> Items);

internal sealed record UnreadAnswer(long Count);

internal sealed record SwitchBody(bool On);

internal sealed record KindSwitch(MessageKind Kind, string KindName, bool On);

internal sealed record InboxEntry(MessageId Id, MessageKind Kind, string KindName, string Title, string Summary, DateTimeOffset At, bool Read, string? Page)
{
    public static InboxEntry Of(InboxItem item, Language language) =>
        new(item.Id, item.Kind, InboxKinds.Name(item.Kind).In(language), item.Title, MemberInbox.Summary(item.Body), item.At, item.Read, item.Page);
}

internal sealed record InboxMessage(
    MessageId Id, MessageKind Kind, string KindName, string Title, string Summary, string Body, DateTimeOffset At, bool Read, string? Page, string Why, KindSwitch? Switch);
