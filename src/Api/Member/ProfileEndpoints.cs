using System.ComponentModel;
using System.Globalization;
using Engagement.Api.Hosting;
using Engagement.Members.Minors;
using Engagement.Members.Profiles;
using Engagement.Members.SignIn;
using Engagement.Messaging.Channels.Sms;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>Who the member is: see, correct, and a guardian's word for members under fourteen.</summary>
internal static class ProfileEndpoints
{
    private static readonly string[] s_relations = ["father", "mother", "other"];

    public static RouteGroupBuilder MapMemberProfile(this RouteGroupBuilder member)
    {
        member.MapGet("/profile", ReadAsync).RequireMember().WithTags("Member profile").WithSummary("Who am I");
        member.MapPatch("/profile", ChangeAsync).RequireMember().WithTags("Member profile").WithSummary("Correct name, birthday or gender; what is left out stays")
            .WithExample("""{"name":"王秀兰","birthday":"1958-03-11","gender":"female"}""");
        member.MapPost("/guardian/code", SendCodeAsync).RequireMember().WithTags("Member profile").WithSummary("Send a code to the guardian").WithExample("""{"phone":"19900000002"}""").RefusesAsIn(typeof(PhoneEndpoints));
        member.MapPost("/guardian", AgreeAsync).RequireMember().WithTags("Member profile").WithSummary("A guardian agrees, with the code that came to their phone")
            .WithExample("""{"name":"李强","phone":"19900000002","relation":"father","code":"123456","textVersion":"2026-11-01"}""").RefusesAsIn(typeof(PhoneEndpoints)).RefusesAsIn(typeof(ConsentEndpoints));
        return member;
    }

    private static async Task<Results<Ok<ProfileAnswer>, ProblemAnswer>> ReadAsync(MemberCaller caller, Database database, MemberStore members, GuardianDesk guardians, CancellationToken ct) =>
        await FindAsync(caller, database, members, guardians, ct) is { } answer ? TypedResults.Ok(answer) : Problems.NotFound.Answer();

    private static async Task<Results<Ok<ProfileAnswer>, ProblemAnswer>> ChangeAsync(
        ProfileBody body, MemberCaller caller, Database database, MemberStore members, ProfileDesk desk, GuardianDesk guardians, Clocks clocks, CancellationToken ct)
    {
        var faults = new List<(string, Phrase)>();
        PersonName name = default;
        Birthday birthday = default;
        if (body.Name is not null && !PersonName.TryParse(body.Name, out name, out _)) faults.Add(("name", new("不是可用的姓名", "is no name")));
        if (body.Birthday is not null && !Birthday.TryParse(body.Birthday, ChinaTime.Date(clocks.Business.Today()), out birthday, out _)) faults.Add(("birthday", new("不是有效的日期", "is no date that can be")));
        if (faults.Count > 0) return Problems.Fields(faults).Answer();
        var change = new ProfileChange(body.Name is null ? null : name, body.Birthday is null ? null : birthday, (int?)body.Gender);
        await database.WriteAsync(tx => desk.ChangeAsync(tx, caller.Id, change, "member", caller.Actor), ct);
        return await ReadAsync(caller, database, members, guardians, ct);
    }

    private static async Task<Results<Accepted, ProblemAnswer>> SendCodeAsync(PhoneGiven body, MemberCaller caller, PhoneCodes codes, VerificationSms sms, CancellationToken ct) =>
        await PhoneEndpoints.SendAsync(body.Phone, PhoneCodePurpose.Guardian, caller, codes, sms, ct) is { } refused ? refused.Answer() : TypedResults.Accepted((string?)null);

    private static async Task<Results<Ok<ProfileAnswer>, ProblemAnswer>> AgreeAsync(
        GuardianBody body, MemberCaller caller, Database database, MemberStore members, PhoneCodes codes, GuardianDesk guardians, CancellationToken ct)
    {
        if (!PhoneNumber.TryParse(body.Phone, out var phone, out _)) return PhoneEndpoints.PhoneInvalid.Answer();
        var faults = new List<(string, Phrase)>();
        if (!PersonName.TryParse(body.Name, out var name, out _)) faults.Add(("name", new("不是可用的姓名", "is no name")));
        if (!s_relations.Contains(body.Relation)) faults.Add(("relation", new("应为 father、mother 或 other", "is father, mother or other")));
        if (body.TextVersion != Engagement.Members.Consents.ConsentTexts.Guide.Version) faults.Add(("textVersion", new("说明文字已更新，请重新阅读", "the text has changed: read it again")));
        if (faults.Count > 0) return Problems.Fields(faults).Answer();
        if (!await codes.TakeAsync(caller.Session.Id, phone, PhoneCodePurpose.Guardian, body.Code, ct)) return PhoneEndpoints.CodeWrong.Answer();
        await database.WriteAsync(tx => guardians.AgreeAsync(tx, caller.Id, new Guardian(name, phone, body.Relation, body.TextVersion)), ct);
        return await ReadAsync(caller, database, members, guardians, ct);
    }

    private static async Task<ProfileAnswer?> FindAsync(MemberCaller caller, Database database, MemberStore members, GuardianDesk guardians, CancellationToken ct)
    {
        var (profile, minority, guardian) = await database.ReadAsync(async session => (
            (await members.ProfilesAsync(session, [caller.Id])).GetValueOrDefault(caller.Id),
            await guardians.OfAsync(session, caller.Id), await guardians.GuardianAsync(session, caller.Id)), ct);
        return profile is null ? null : new ProfileAnswer(
            profile.Id.ToString(), DisplayName(profile, caller.Language), profile.Name?.Value, profile.Phone?.ToString(), Text(profile.Birthday), (Gender)profile.Sex, minority.Under14,
            guardian is { } known ? new GuardianAnswer(known.Name, known.Phone, known.Relation) : null);
    }

    /// <summary>What a member is greeted with.</summary>
    public static string DisplayName(MemberProfile profile, Language language) =>
        profile.Name is { } name ? name.Value : profile.Phone is { } phone ? new Phrase($"会员{phone.Tail}", $"Member {phone.Tail}").In(language) : new Phrase("会员", "Member").In(language);

    private static string? Text(Birthday? birthday) => birthday is { } born
        ? (born.Year is { } year ? $"{year:0000}-" : "--") + born.Month.ToString("00", CultureInfo.InvariantCulture) + "-" + born.Day.ToString("00", CultureInfo.InvariantCulture)
        : null;
}

internal enum Gender
{
    Unknown = 0,
    Male = 1,
    Female = 2,
}

internal sealed record ProfileBody(
    string? Name = null, [property: Description("yyyy-mm-dd, or --mm-dd without the year")] string? Birthday = null, Gender? Gender = null);

internal sealed record GuardianBody(string Name, string Phone, [property: Description("father, mother or other")] string Relation, string Code, string TextVersion);

internal sealed record GuardianAnswer(string Name, string Phone, string Relation);

/// <summary>Who the member is.</summary>
internal sealed record ProfileAnswer(
    string Id, string DisplayName, string? Name, string? PhoneMasked, string? Birthday, Gender Gender, bool Under14, GuardianAnswer? Guardian);
