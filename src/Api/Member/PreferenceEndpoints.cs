using System.Text.Json;
using Engagement.Api.Hosting;
using Engagement.Members.Preferences;
using Engagement.Messaging;
using Engagement.Messaging.Gate;
using Engagement.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Engagement.Api.Member;

/// <summary>Switches of a member: kinds of messages, channels, private mode, large letters; each with who set it.</summary>
internal static class PreferenceEndpoints
{
    private static readonly Dictionary<string, MessageKind> s_kinds =
        Enum.GetValues<MessageKind>().Where(MessageGate.MayMute).ToDictionary(kind => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()));

    private static readonly Dictionary<string, Channel> s_channels = Enum.GetValues<Channel>().ToDictionary(channel => channel.Code());

    public static RouteGroupBuilder MapMemberPreferences(this RouteGroupBuilder member)
    {
        member.MapGet("/preferences", ReadAsync).RequireMember().WithTags("Member preferences").WithSummary("What is switched on and off, and who set it");
        member.MapPut("/preferences", ChangeAsync).RequireMember().WithTags("Member preferences").WithSummary("Switch; what is left out stays")
            .WithExample("""{"kinds":{"promotion":false},"channels":{"sms":true},"privateMode":false,"largeText":true}""");
        return member;
    }

    private static async Task<Ok<PreferenceAnswer>> ReadAsync(MemberCaller caller, Database database, CancellationToken ct)
    {
        var ((kinds, channels, privateMode), chosen) = await database.ReadAsync(async session =>
            (await PreferenceStore.MutedAsync(session, caller.Id), await PreferenceStore.ReadAsync(session, caller.Id)), ct);
        return TypedResults.Ok(new PreferenceAnswer(
            s_kinds.ToDictionary(kind => kind.Key, kind => (kinds & (1L << (int)kind.Value)) == 0), s_channels.ToDictionary(channel => channel.Key, channel => (channels & (1L << (int)channel.Value)) == 0),
            privateMode, chosen.Any(one => one.Name == PreferenceStore.LargeText && one.On),
            chosen.ToDictionary(one => one.Name, one => new OriginAnswer(one.Origin, ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(one.At))))));
    }

    private static async Task<Results<Ok<PreferenceAnswer>, ProblemAnswer>> ChangeAsync(PreferenceBody body, MemberCaller caller, Database database, PreferenceStore preferences, CancellationToken ct)
    {
        var unknown = (body.Kinds ?? []).Keys.Where(name => !s_kinds.ContainsKey(name)).Select(_ => "kinds")
            .Concat((body.Channels ?? []).Keys.Where(name => !s_channels.ContainsKey(name)).Select(_ => "channels")).Distinct().ToList();
        if (unknown.Count > 0) return Problems.Fields(unknown.Select(field => (field, new Phrase("有不能开关的名称", "holds a name that is no switch")))).Answer();
        await database.WriteAsync(async tx =>
        {
            var (kinds, channels, privateMode) = await PreferenceStore.MutedAsync(tx, caller.Id);
            foreach (var (name, on) in body.Kinds ?? [])
            {
                if (on != ((kinds & (1L << (int)s_kinds[name])) == 0)) await preferences.SwitchKindAsync(tx, caller.Id, (int)s_kinds[name], name, on, "member");
            }

            foreach (var (name, on) in body.Channels ?? [])
            {
                if (on != ((channels & (1L << (int)s_channels[name])) == 0)) await preferences.SwitchChannelAsync(tx, caller.Id, (int)s_channels[name], name, on, "member");
            }

            if (body.PrivateMode is { } silent && silent != privateMode) await preferences.SetPrivateModeAsync(tx, caller.Id, silent, "member");
            if (body.LargeText is { } large) await preferences.NoteAsync(tx, caller.Id, PreferenceStore.LargeText, large, "member");
        }, ct);
        return await ReadAsync(caller, database, ct);
    }
}

internal sealed record PreferenceBody(Dictionary<string, bool>? Kinds = null, Dictionary<string, bool>? Channels = null, bool? PrivateMode = null, bool? LargeText = null);

/// <summary>What is on and off.</summary>
/// <param name="Kinds">Kinds of messages.</param>
/// <param name="Channels">Channels.</param>
/// <param name="PrivateMode">Nothing goes to the phone.</param>
/// <param name="LargeText">Large letters.</param>
/// <param name="Origins">By name of a switch that somebody set: who, and when.</param>
internal sealed record PreferenceAnswer(
    IReadOnlyDictionary<string, bool> Kinds, IReadOnlyDictionary<string, bool> Channels, bool PrivateMode, bool LargeText, IReadOnlyDictionary<string, OriginAnswer> Origins);

internal sealed record OriginAnswer(string Origin, DateTimeOffset At);
