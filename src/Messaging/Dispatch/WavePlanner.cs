using System.Data.Common;
using Engagement.Members.Profiles;
using Engagement.Messaging.Automations;
using Engagement.Messaging.Campaigns;
using Engagement.Messaging.Channels;
using Engagement.Messaging.Channels.Sms.Routing;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Content;
using Engagement.Messaging.Gate;
using Engagement.Storage;
using Engagement.Templates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Engagement.Messaging.Dispatch;

/// <summary>Decides on the due messages of a lane: reads what the gate needs, asks it, renders. Changes nothing.</summary>
internal sealed class WavePlanner(
    Database database, Clocks clocks, MessageGate gate, TemplateBook templates, FieldCipher cipher, OpaqueRef references,
    ProviderTemplates providers, DispatchProfile profile, IOptions<DispatchOptions> options, IOptions<WeChatOptions> weChat, SmsRouter smsRouter, SmsTraffic smsTraffic, SmsApprovals smsApprovals, ILogger<WavePlanner> logger)
{
    internal static readonly CipherColumn TextColumn = new("message", "text");
    internal static readonly CipherColumn InboxColumn = new("message", "inbox");

    private static readonly TimeSpan s_restingPause = TimeSpan.FromMinutes(1);

    /// <summary>The decisions of one wave; empty when nothing is due.</summary>
    /// <param name="lane">Says what to ask for, and learns from what was found.</param>
    /// <param name="shards">Its shards.</param>
    /// <param name="ct">Stops before anything is written.</param>
    public async Task<IReadOnlyList<Decision>> PlanAsync(Lane lane, IReadOnlyList<int> shards, CancellationToken ct)
    {
        var now = clocks.Business.GetUtcNow();
        var started = DispatchProfile.Start();
        var wave = await database.ReadAsync(session => LoadAsync(session, lane, shards, now), ct).ConfigureAwait(false);
        profile.Add(Stage.Read, started, wave.Due.Count);
        if (wave.Due.Count == 0) return [];
        await smsApprovals.RefreshAsync(ct).ConfigureAwait(false);

        if (await AnyAsksForReachAsync(wave.Due, ct).ConfigureAwait(false))
        {
            await database.ReadAsync(async session =>
            {
                await RecipientStore.AddReachAsync(session, wave.Members, weChat.Value, clocks.System.GetUtcNow()).ConfigureAwait(false);
                return true;
            }, ct).ConfigureAwait(false);
        }

        started = DispatchProfile.Start();
        var model = new MessageModel();
        var decisions = new List<Decision>(wave.Due.Count);
        foreach (var message in wave.Due)
        {
            decisions.Add(await DecideAsync(wave, message, model, now, ct).ConfigureAwait(false));
        }

        profile.Add(Stage.Decide, started, decisions.Count);
        return decisions;
    }

    private async Task<WaveData> LoadAsync(Session session, Lane lane, IReadOnlyList<int> shards, DateTimeOffset now)
    {
        var open = await DueStore.RunsAsync(session, (now - RunWatch.LongestLife).ToUnixTimeMilliseconds()).ConfigureAwait(false);
        var asks = lane.Ask(open, shards, options.Value.WaveSize);
        if (asks.Count == 0) return WaveData.Nothing;
        var found = await DueStore.DueAsync(session, asks, now.ToUnixTimeMilliseconds()).ConfigureAwait(false);
        lane.Learn(asks, found.Select(f => f.Message));
        if (found.Count == 0) return WaveData.Nothing;

        var runs = asks.Select(ask => ask.Run).Distinct().ToDictionary(run => run.Id);
        var due = Lane.Cut(found, runs, options.Value.WaveSize);
        var members = await RecipientStore.LoadAsync(
            session, [.. due.Select(m => m.Member.Value)], weChat.Value.AppId, now, clocks.System.GetUtcNow()).ConfigureAwait(false);
        var campaigns = await DueStore.CampaignsAsync(session, due.Select(m => runs[m.Run].Campaign).OfType<CampaignId>().Distinct()).ConfigureAwait(false);
        // What cannot be read is missing here, and its message finds that out for itself alone.
        var refills = new Dictionary<MessageId, IReadOnlyList<RefillLine>>();
        foreach (var message in due.Where(m => m.Kind == MessageKind.Refill))
        {
            if (RefillParams.TryParse(message.Params) is { } planned) refills[message.Id] = planned.Lines;
        }

        var therapies = await DueStore.TherapiesAsync(session, [.. refills.Values.SelectMany(lines => lines).Select(line => line.Id).Distinct()]).ConfigureAwait(false);
        return new WaveData(due, members, runs, campaigns, refills, therapies);
    }

    // Most templates use neither the official account nor a chat, and then nobody is asked who could be reached there.
    private async ValueTask<bool> AnyAsksForReachAsync(IReadOnlyList<DueMessage> due, CancellationToken ct)
    {
        foreach (var id in due.Select(message => message.TemplateVersionId).Distinct())
        {
            try
            {
                if ((await templates.GetAsync(id, ct).ConfigureAwait(false)).AsksForReach) return true;
            }
            catch (Exception failure) when (failure is not (OperationCanceledException or DbException or StorageException { Code: not "keys_unusable" }))
            {
                // Its messages find that out for themselves, and say so.
                continue;
            }
        }

        return false;
    }

    // One message that cannot be decided on costs only itself.
    private async ValueTask<Decision> DecideAsync(WaveData wave, DueMessage message, MessageModel model, DateTimeOffset now, CancellationToken ct)
    {
        if (!wave.Members.TryGetValue(message.Member.Value, out var member)) return new StopDecision(message, -1, MessageState.Suppressed, Reason.Erased);
        try
        {
            var version = await templates.GetAsync(message.TemplateVersionId, ct).ConfigureAwait(false);
            return Decide(wave, message, member, version, model, now);
        }
        catch (TemplateException failure)
        {
            Log.TemplateFailed(logger, message.Id.Value, failure.Message);
            return new StopDecision(message, member.Gate.Version, MessageState.Failed, Reason.TemplateError);
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or DbException or StorageException { Code: not "keys_unusable" }))
        {
            Log.DataUnusable(logger, message.Id.Value, failure);
            return new StopDecision(message, member.Gate.Version, MessageState.Failed, Reason.DataError);
        }
    }

    private Decision Decide(WaveData wave, DueMessage message, WaveMember member, CompiledVersion version, MessageModel model, DateTimeOffset now)
    {
        var run = wave.Runs[message.Run];
        var today = ChinaTime.DayOf(now);
        var lines = message.Kind == MessageKind.Refill ? StillDue(wave.Refills[message.Id], wave.Therapies, today) : null;
        var campaign = run.Campaign is { } id ? wave.Campaigns[id] : null;
        var contents = version.Version.Contents;
        var sms = WayOf(wave, message.Kind, version.Version, now);
        var verdict = gate.Decide(message.Kind, member.Gate, new MessageFacts
        {
            NotAfter = message.NotAfter, Cancelled = run.Cancelled, Refilled = lines is { Count: 0 },
            Answered = lines is { Count: 0 } && wave.Refills[message.Id].Any(line => wave.Therapies.TryGetValue(line.Id, out var therapy) && therapy.IsAnswered(today)),
            ChannelsTried = message.ChannelsTried,
            WeChatTemplateId = contents.WeChatSubscribe?.TemplateId, WeChatTemplateGone = providers.IsGone(ProviderNames.WeChat, contents.WeChatSubscribe?.TemplateId),
            HasOfficialAccount = contents.OfficialAccount is not null, OfficialTemplateGone = providers.IsGone(ProviderNames.WeChatOfficial, contents.OfficialAccount?.TemplateId),
            HasCustomerService = contents.CustomerService is not null, HasSms = contents.Sms is not null,
            PromotesPrescription = campaign is { PromotesPrescription: true }, SmsFallback = run.SmsFallback,
            SmsClosed = sms.Closed, SmsOpensAt = sms.OpensAt,
        }, now);
        if (verdict.Kind == VerdictKind.Defer) return new DeferDecision(message, member.Gate.Version, verdict.Until) { Refusals = verdict.Refusals };

        Fill(model, message, member, campaign?.Content, lines, now);
        var inbox = InInbox(verdict) ? Inbox(message, version, model.Row) : null;
        return verdict.Kind == VerdictKind.Send
            ? Send(wave, message, member, version, verdict, sms, model.Row, inbox, now)
            // What may have gone out already and finds no other way is neither refused nor failed: it stays in doubt, for good.
            : message.PossiblyTwice ? new StopDecision(message, member.Gate.Version, MessageState.InDoubt, verdict.Reason!) { InboxCipher = inbox, Refusals = verdict.Refusals }
            : new StopDecision(message, member.Gate.Version, verdict.Kind == VerdictKind.Fail ? MessageState.Failed : MessageState.Suppressed, verdict.Reason!)
            {
                InboxCipher = inbox, Refusals = verdict.Refusals,
            };
    }

    // The inbox is always open, but what may not be said at all, or is no longer true, is not said there either.
    private static bool InInbox(Verdict verdict) =>
        verdict.Kind is VerdictKind.Send or VerdictKind.Fail || verdict.Reason is Reason.InboxOnly or Reason.CapReached;

    private static List<DueTherapy> StillDue(IReadOnlyList<RefillLine> planned, Dictionary<long, DueTherapy> now, int today) =>
        [.. planned.Where(line => now.TryGetValue(line.Id, out var therapy) && therapy.IsDue(line.End, today)).Select(line => now[line.Id])];

    private void Fill(MessageModel model, DueMessage message, WaveMember member, CampaignContent? campaign, List<DueTherapy>? lines, DateTimeOffset now)
    {
        var name = cipher.Decrypt(MemberColumns.Name, message.Member.Value, member.NameCipher);
        model.For(name, name is null ? null : PersonName.Parse(name).Surname, member.Sex, member.StoreName, member.StoreCity, options.Value.ChainName, now);
        if (lines is { Count: > 0 }) model.Refill(string.Join("、", lines.Select(line => line.Product)), lines.Min(line => line.CoverageEnd));
        if (campaign is not null) model.Campaign(campaign);
    }

    private byte[]? Inbox(DueMessage message, CompiledVersion version, RenderRow row) =>
        version.InboxTitle is { } title && version.InboxBody is { } body
            ? Frozen(InboxColumn, message, title.Render(row) + "\n" + body.Render(row))
            : null;

    private byte[] Frozen(CipherColumn column, DueMessage message, string text)
    {
        var frozen = cipher.Encrypt(column, message.Id.Value, text);
        // A BLOB of MySQL; found here, it costs this message and not the commit of its wave.
        return frozen.Length <= ushort.MaxValue ? frozen : throw new InvalidOperationException($"The {column.Name} text of {frozen.Length} bytes is longer than its column.");
    }

    private Decision Send(
        WaveData wave, DueMessage message, WaveMember member, CompiledVersion version, Verdict verdict, SmsWay sms, RenderRow row, byte[]? inbox, DateTimeOffset now)
    {
        var (run, contents) = (wave.Runs[message.Run], version.Version.Contents);
        var route = verdict.Channel == Channel.Sms ? smsTraffic.Choose(sms.Open) : null;
        if (verdict.Channel == Channel.Sms && route is null) return Resting(message, member, verdict, now);
        var text = verdict.Channel switch
        {
            Channel.WeChatSubscribe => MessageText.WeChat(version.Keywords, row),
            Channel.OfficialAccount => MessageText.WeChat(version.OfficialKeywords, row),
            Channel.CustomerService => MessageText.Chat(version.CustomerText!, row),
            Channel.Sms => MessageText.Sms(version, contents.Sms!, route!.SignName, row),
        };
        if (!wave.Checked.TryGetValue((message.Kind, verdict.Channel, text.Text), out var finding))
        {
            finding = wave.Checked[(message.Kind, verdict.Channel, text.Text)] = ContentCheck.Refuses(message.Kind, verdict.Channel, text.Text, ChinaTime.DateOf(now));
        }

        if (route is not null) finding ??= SmsVariables.Refuses(text.Values);
        if (finding is not null)
        {
            Log.ContentRefused(logger, message.Id.Value, finding);
            return new StopDecision(message, member.Gate.Version, MessageState.Suppressed, Reason.ContentRefused) { Refusals = verdict.Refusals };
        }

        var reference = references.Of(message.Id.Value, message.AttemptNo + 1);
        var cipherText = Frozen(TextColumn, message, text.Whole);
        return verdict.Channel switch
        {
            Channel.WeChatSubscribe => new SendDecision(message, member.Gate.Version, verdict.Channel)
            {
                Class = run.Class, Campaign = run.Campaign,
                Provider = ProviderNames.WeChat, Reference = reference, Address = member.Gate.OpenId!, TemplateId = contents.WeChatSubscribe!.TemplateId,
                Page = $"{contents.WeChatSubscribe.Page}?ref={reference}", Values = text.Values, TextCipher = cipherText, InboxCipher = inbox, Refusals = verdict.Refusals,
            },
            Channel.OfficialAccount => new SendDecision(message, member.Gate.Version, verdict.Channel)
            {
                Class = run.Class, Campaign = run.Campaign,
                Provider = ProviderNames.WeChatOfficial, Reference = reference, Address = member.Gate.OfficialOpenId!, TemplateId = contents.OfficialAccount!.TemplateId,
                Page = $"{contents.OfficialAccount.Page}?ref={reference}", Values = text.Values, TextCipher = cipherText, InboxCipher = inbox, Refusals = verdict.Refusals,
            },
            Channel.CustomerService => Chat(run, message, member, contents.CustomerService!, text, reference) with
            {
                TextCipher = cipherText, InboxCipher = inbox, Refusals = verdict.Refusals,
            },
            Channel.Sms => new SendDecision(message, member.Gate.Version, verdict.Channel)
            {
                Class = run.Class, Campaign = run.Campaign, Route = route, ExtendCode = route!.Capabilities.ExtendCodes.Of(run.Class),
                Provider = route.Provider, Reference = reference, Address = cipher.Decrypt(MemberColumns.Phone, message.Member.Value, member.PhoneCipher)!,
                AddressIndex = member.Gate.PhoneIndex, TemplateId = route.Template, Values = route.Arrange(text.Values),
                TextCipher = cipherText, InboxCipher = inbox, Segments = text.Segments, CostFen = text.Segments * route.Capabilities.PartFen, Refusals = verdict.Refusals,
            },
        };
    }

    private static SendDecision Chat(DueRun run, DueMessage message, WaveMember member, CustomerServiceContent content, MessageText text, string reference)
    {
        var window = member.Gate.Window!;
        return new SendDecision(message, member.Gate.Version, Channel.CustomerService)
        {
            Class = run.Class, Campaign = run.Campaign,
            Provider = window.App == WeChatApp.MiniProgram ? ProviderNames.WeChat : ProviderNames.WeChatOfficial, Reference = reference,
            Address = window.OpenId, TemplateId = "", Values = text.Values, TextCipher = [], WindowId = window.Id,
            Chat = new CustomerServiceMessage(window.App, window.OpenId, text.Text,
                content.Card is { } card ? new CustomerServiceCard($"{card.Page}?ref={reference}", card.ThumbMediaId) : null),
        };
    }

    // A template's ways are alike for a whole wave.
    private SmsWay WayOf(WaveData wave, MessageKind kind, TemplateVersion version, DateTimeOffset now)
    {
        if (!wave.Ways.TryGetValue((kind, version.Id), out var way))
        {
            way = wave.Ways[(kind, version.Id)] = smsRouter.Look(gate.Table[kind], gate.Table[version.Kind], version.Contents.Sms, now);
        }

        return way;
    }

    // It keeps its place and its attempts, and looks again; the others of its wave go on.
    private static DeferDecision Resting(DueMessage message, WaveMember member, Verdict verdict, DateTimeOffset now) =>
        new(message, member.Gate.Version, (now + s_restingPause).ToUnixTimeMilliseconds())
        {
            Refusals = (verdict.Refusals is null ? "" : verdict.Refusals + ",") + $"{Channel.Sms.Code()}={Reason.SmsProvidersResting}",
        };

    private sealed record WaveData(
        IReadOnlyList<DueMessage> Due, Dictionary<long, WaveMember> Members, Dictionary<RunId, DueRun> Runs, Dictionary<CampaignId, DueCampaign> Campaigns,
        Dictionary<MessageId, IReadOnlyList<RefillLine>> Refills, Dictionary<long, DueTherapy> Therapies)
    {
        /// <summary>What the content check found, by text: a promotion says the same to most.</summary>
        public Dictionary<(MessageKind, Channel, string), string?> Checked { get; } = [];

        /// <summary>By which providers the SMS of a template may go.</summary>
        public Dictionary<(MessageKind, long), SmsWay> Ways { get; } = [];

        public static readonly WaveData Nothing = new([], [], [], [], [], []);
    }
}
