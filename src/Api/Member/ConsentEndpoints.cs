using Engagement.Api.Hosting;
using Engagement.Members.Consents;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>The privacy guide, and the consents of a member: each apart from the others, taken back as easily as given.</summary>
internal static class ConsentEndpoints
{
    public static readonly Problem StaleText = new("consent_text_stale", 409, new("说明文字已更新，请重新阅读后再确认。", "The text has changed: read it again before you agree."));
    public static readonly Problem Contract = new("consent_is_contract", 409, new("会员服务是合同所必需的；如不再需要，请申请注销会员。", "The membership rests on this; to end it, close the membership."));
    public static readonly Problem GuardianNeeded = new("guardian_needed", 403, new("未满十四周岁的会员须由监护人先同意。", "Under fourteen, a guardian has to agree first."));
    public static readonly Problem Under14 = new("under_14", 403, new("未满十四周岁的会员不适用此项。", "This is not for members under fourteen."));

    public static RouteGroupBuilder MapMemberConsents(this RouteGroupBuilder member)
    {
        member.MapGet("/privacy-guide", Guide).OpenTo("it is shown before anything is asked").WithTags("Member consents").WithSummary("Who processes what, why, how long, and your rights");
        var group = member.MapGroup("/consents").WithTags("Member consents");
        group.MapGet("/", ListAsync).RequireMember().WithSummary("Every consent, answered or not, with the text of today");
        group.MapPut("/{purpose}", SetAsync).RequireMember().WithSummary("Give a consent, or take it back").WithExample("""{"given":true,"textVersion":"2026-11-01"}""");
        return group;
    }

    private static Ok<GuideAnswer> Guide(HttpRequest request)
    {
        var (guide, language) = (ConsentTexts.Guide, Languages.Of(request));
        return TypedResults.Ok(new GuideAnswer(guide.Version, guide.Title.In(language), [.. guide.Paragraphs.Select(paragraph => paragraph.In(language))]));
    }

    private static async Task<Ok<ConsentList>> ListAsync(MemberCaller caller, Database database, ConsentDesk desk, CancellationToken ct) =>
        TypedResults.Ok(new ConsentList([.. (await database.ReadAsync(session => desk.ListAsync(session, caller.Id), ct)).Select(state => ConsentItem.Of(state, caller.Language))], null));

    private static async Task<Results<Ok<ConsentItem>, ProblemAnswer>> SetAsync(string purpose, ConsentBody body, MemberCaller caller, Database database, ConsentDesk desk, CancellationToken ct)
    {
        if (PurposeNames.Parse(purpose) is not { } known) return Problems.NotFound.Answer();
        var (outcome, state) = await database.WriteAsync(async tx =>
        {
            var done = await desk.SetAsync(tx, caller.Id, known, body.Given, body.TextVersion, $"session:{caller.Session.Id}");
            return (done, (await desk.ListAsync(tx, caller.Id)).First(one => one.Purpose == known));
        }, ct);
        return outcome switch
        {
            ConsentOutcome.Done => TypedResults.Ok(ConsentItem.Of(state, caller.Language)),
            ConsentOutcome.StaleText => StaleText.Answer(),
            ConsentOutcome.Contract => Contract.Answer(),
            ConsentOutcome.GuardianNeeded => GuardianNeeded.Answer(),
            ConsentOutcome.Under14 => Under14.Answer(),
        };
    }
}

internal sealed record GuideAnswer(string Version, string Title, IReadOnlyList<string> Paragraphs);

internal sealed record ConsentBody(bool Given, string TextVersion = "");

internal sealed record ConsentList(IReadOnlyList<ConsentItem> Items, string? Next);

/// <summary>One consent.</summary>
/// <param name="Purpose">Its code.</param>
/// <param name="Title">Its title.</param>
/// <param name="Text">What is agreed to, as of today.</param>
/// <param name="TextVersion">The version of that text: send it back with a yes.</param>
/// <param name="State"><c>given</c>, <c>withdrawn</c> or <c>never</c>.</param>
/// <param name="At">When it was said.</param>
/// <param name="Renew">Whether it must be asked again, because the text changed.</param>
/// <param name="MayAsk">Whether it may be asked unprompted now; the switch may always be shown.</param>
internal sealed record ConsentItem(string Purpose, string Title, string Text, string TextVersion, string State, DateTimeOffset? At, bool Renew, bool MayAsk)
{
    public static ConsentItem Of(ConsentState state, Language language)
    {
        var text = ConsentTexts.Of(state.Purpose);
        return new ConsentItem(
            PurposeNames.Code(state.Purpose), text.Title.In(language), text.Text.In(language), text.Version, state.Given switch { true => "given", false => "withdrawn", null => "never" },
            state.At is { } at ? ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(at)) : null, state.Renew, state.MayAsk);
    }
}
