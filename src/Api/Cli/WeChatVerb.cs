using System.CommandLine;
using Engagement.Api.Hosting;
using Engagement.Messaging.Channels.WeChat;
using Engagement.Messaging.Receipts;
using Engagement.Storage;

namespace Engagement.Api.Cli;

/// <summary><c>engage wechat …</c>: what an operator asks WeChat for, and what members wrote to us there.</summary>
internal static class WeChatVerb
{
    private const int Refused = 1;

    private static readonly Option<bool> s_official = new("--official") { Description = Speech.Say("服务号，而不是小程序", "the official account instead of the mini-program") };
    private static readonly Argument<string> s_path = new("PATH") { Description = Speech.Say("接口路径，如 /cgi-bin/message/subscribe/send", "a call's path, for example /cgi-bin/message/subscribe/send") };
    private static readonly Argument<string> s_page = new("PAGE") { Description = Speech.Say("小程序页面，不带参数", "a page of the mini-program, without query") };
    private static readonly Argument<string> s_scene = new("SCENE") { Description = Speech.Say("码中的参数，最多 32 个字符", "what the code says, at most 32 characters") };
    private static readonly Argument<FileInfo> s_file = new("FILE") { Description = Speech.Say("图片存到哪里", "where the picture goes") };
    private static readonly Option<string> s_query = new("--query") { Description = Speech.Say("页面参数", "the page's query"), HelpName = "QUERY", DefaultValueFactory = _ => "" };
    private static readonly Option<int> s_days = new("--days") { Description = Speech.Say("有效天数，1 到 30", "good for so many days, 1 to 30"), HelpName = "N", DefaultValueFactory = _ => 30 };
    private static readonly Option<bool> s_scheme = new("--scheme") { Description = Speech.Say("weixin:// 形式", "the weixin:// form") };
    private static readonly Argument<long> s_chat = new("CHAT") { Description = Speech.Say("留言编号", "a chat's number") };
    private static readonly Argument<string> s_text = new("TEXT") { Description = Speech.Say("回复内容", "the answer") };
    private static readonly Argument<string> s_library = new("LIBRARY-ID") { Description = Speech.Say("公共模板库编号", "the number in WeChat's library") };
    private static readonly Argument<string> s_template = new("TEMPLATE") { Description = Speech.Say("模板编号", "a template's id") };
    private static readonly Argument<int[]> s_keywords = new("KEYWORD") { Description = Speech.Say("关键词编号，按顺序", "the keywords' numbers, in order") };

    public static Command Create() => new("wechat", Speech.Say("微信：用量、链接、小程序码、模板、留言", "WeChat: quota, links, codes, templates, and what members wrote"))
    {
        Ask("quota", "某接口当天的用量", "how much of a call's day is used up", [s_path, s_official], async (calls, parsed, ct) =>
            Say(parsed, await calls.QuotaAsync(App(parsed), parsed.GetRequiredValue(s_path), ct), q => Speech.Say($"每天 {q.DailyLimit}，已用 {q.Used}，剩余 {q.Remain}", $"{q.DailyLimit} a day, {q.Used} used, {q.Remain} left"))),
        Ask("clear-quota", "清零接口用量（每月 10 次）", "set an account's counters back (ten times a month)", [s_official], async (calls, parsed, ct) =>
            Say(parsed, await calls.ClearQuotaAsync(App(parsed), ct), _ => Done)),
        Ask("link", "生成打开小程序的链接", "make an address that opens the mini-program", [s_page, s_query, s_days, s_scheme], async (calls, parsed, ct) =>
        {
            var link = new MiniProgramLink(parsed.GetRequiredValue(s_page), parsed.GetRequiredValue(s_query), parsed.GetValue(s_days));
            return Say(parsed, parsed.GetValue(s_scheme) ? await calls.SchemeAsync(link, ct) : await calls.LinkAsync(link, ct), text => text);
        }),
        Ask("code", "生成小程序码图片", "draw a mini-program code", [s_scene, s_page, s_file], async (calls, parsed, ct) =>
        {
            var reply = await calls.CodeAsync(new MiniProgramCode(parsed.GetRequiredValue(s_scene), parsed.GetRequiredValue(s_page)), ct);
            var file = parsed.GetRequiredValue(s_file);
            if (reply.Value is { } picture) await File.WriteAllBytesAsync(file.FullName, picture, ct);
            return Say(parsed, reply, _ => file.FullName);
        }),
        Ask("add-template", "从公共模板库添加订阅模板", "take a subscribe template from WeChat's library", [s_library, s_text, s_keywords], async (calls, parsed, ct) =>
            Say(parsed, await calls.AddTemplateAsync(parsed.GetRequiredValue(s_library), parsed.GetRequiredValue(s_keywords), parsed.GetRequiredValue(s_text), ct), id => id)),
        Ask("delete-template", "删除订阅模板", "delete a subscribe template", [s_template], async (calls, parsed, ct) =>
            Say(parsed, await calls.DeleteTemplateAsync(parsed.GetRequiredValue(s_template), ct), _ => Done)),
        Chats(), Answer(),
    };

    private static string Done => Speech.Say("完成", "done");

    private static WeChatApp App(ParseResult parsed) => parsed.GetValue(s_official) ? WeChatApp.OfficialAccount : WeChatApp.MiniProgram;

    private static Command Ask(string name, string zh, string en, IEnumerable<Symbol> symbols, Func<IWeChatAccountApi, ParseResult, CancellationToken, Task<int>> ask)
    {
        var command = Named(name, zh, en, symbols);
        command.SetAction((parsed, ct) => WithAsync<IWeChatAccountApi>(parsed, calls => ask(calls, parsed, ct), ct));
        return command;
    }

    private static Command Chats()
    {
        var command = Named("chats", "等待人工回复的留言", "what members wrote and nobody has answered", []);
        command.SetAction((parsed, ct) => WithAsync<ChatsWaiting>(parsed, async chats =>
        {
            foreach (var chat in await chats.WaitingAsync(100, ct))
            {
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"{chat.Id}\t{ChinaTime.In(chat.SaidAt):yyyy-MM-dd HH:mm}\t{chat.MessageType}\t{chat.Code ?? "-"}\t{chat.Text?.ReplaceLineEndings(" ") ?? "-"}");
            }

            return 0;
        }, ct));
        return command;
    }

    private static Command Answer()
    {
        var command = Named("answer", "回复一条留言，由后台发出", "answer a chat; the worker sends it", [s_chat, s_text]);
        command.SetAction((parsed, ct) => WithAsync<ChatsWaiting>(parsed, async chats =>
        {
            if (await chats.AnswerAsync(parsed.GetRequiredValue(s_chat), parsed.GetRequiredValue(s_text), ct))
            {
                await parsed.InvocationConfiguration.Output.WriteLineAsync(Speech.Say("已排队发送", "it will be sent"));
                return 0;
            }

            await parsed.InvocationConfiguration.Error.WriteLineAsync(Speech.Say("没有等待回复的这条留言，请看 engage wechat chats。", "No such chat waits for an answer: see engage wechat chats."));
            return Refused;
        }, ct));
        return command;
    }

    private static Command Named(string name, string zh, string en, IEnumerable<Symbol> symbols)
    {
        var command = new Command(name, Speech.Say(zh, en));
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        }

        return command;
    }

    private static int Say<T>(ParseResult parsed, WeChatReply<T> reply, Func<T, string> text)
        where T : class
    {
        if (reply.Value is { } value)
        {
            parsed.InvocationConfiguration.Output.WriteLine(text(value));
            return 0;
        }

        parsed.InvocationConfiguration.Error.WriteLine(Speech.Say($"微信没有给出结果（{reply.Code}）", $"WeChat gave no answer ({reply.Code})"));
        return Refused;
    }

    private static async Task<int> WithAsync<T>(ParseResult parsed, Func<T, Task<int>> work, CancellationToken ct)
        where T : notnull
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
        await using var services = installation.Services();
        return await work(services.GetRequiredService<T>());
    }
}
