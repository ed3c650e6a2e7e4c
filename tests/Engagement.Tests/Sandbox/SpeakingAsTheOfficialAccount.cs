using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Engagement.Tests.Support;

namespace Engagement.Tests.Sandbox;

public sealed class SpeakingAsTheOfficialAccount
{
    private const string Send = "/cgi-bin/message/template/send";
    private const string Chat = "/cgi-bin/message/custom/send";

    [Fact]
    public async Task A_follower_gets_a_template_message_and_a_repeat_of_its_client_msg_id_is_not_sent_again()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { officialOpenid = "oaWang", follows = true }, new { officialOpenid = "oaGone" });

        var first = await apps.OfficialAsync(Send, Message("oaWang", "m-1"));
        var again = await apps.OfficialAsync(Send, Message("oaWang", "m-1"));

        Assert.Equal(first.GetProperty("msgid").GetInt64(), again.GetProperty("msgid").GetInt64());
        var sent = Assert.Single(await apps.Sandbox.MessagesAsync("?channel=official_account"));
        Assert.Equal(("m-1", "pages/inbox/detail?id=1"), (sent.GetProperty("reference").GetString(), sent.GetProperty("page").GetString()));
        await apps.Sandbox.SkipAsync(TimeSpan.FromMinutes(10));
        Assert.NotEqual(first.GetProperty("msgid").GetInt64(), (await apps.OfficialAsync(Send, Message("oaWang", "m-1"))).GetProperty("msgid").GetInt64());
        Assert.Equal(43004, SandboxServer.Code(await apps.OfficialAsync(Send, Message("oaGone", "m-2"))));
        Assert.Equal(40003, SandboxServer.Code(await apps.OfficialAsync(Send, Message("oNobody", "m-3"))));
        Assert.Equal(48001, SandboxServer.Code(await apps.MiniAsync(Send, Message("oaWang", "m-4"))));
    }

    [Theory]
    [InlineData("template_id", "\"other\"", 40037)]
    [InlineData("miniprogram", """{"appid":"wx0000000000000009","pagepath":"pages/inbox/detail"}""", 40013)]
    [InlineData("miniprogram", """{"appid":"wx0000000000000001","pagepath":"pages/none"}""", 40165)]
    [InlineData("data", """{"thing1":{"value":"药"},"remark":{"value":"a"}}""", 47003)]
    [InlineData("data", """{"thing1":{"value":"药"},"time2":{"value":"下午"},"remark":{"value":"a"}}""", 47003)]
    [InlineData("data", """{"thing1":{"value":"全场满减"},"time2":{"value":"15:01"},"remark":{"value":"a"}}""", 40249)]
    public async Task What_does_not_fit_is_refused_by_its_code(string field, string value, int code)
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { officialOpenid = "oaWang", follows = true });
        var message = JsonNode.Parse(JsonSerializer.Serialize(Message("oaWang", "m")))!.AsObject();
        message[field] = JsonNode.Parse(value);

        Assert.Equal(code, SandboxServer.Code(await apps.OfficialAsync(Send, message)));
        Assert.Empty(await apps.Sandbox.MessagesAsync());
    }

    [Fact]
    public async Task The_end_of_the_job_is_told_with_success_or_the_reason()
    {
        await using var listener = await PushListener.StartAsync();
        await using var apps = await TwoApps.StartAsync(setup =>
        {
            setup["officialAccount"]!["push"] = new JsonObject { ["url"] = listener.Url, ["token"] = "AAAAA" };
            setup["receipts"] = new JsonObject { ["minDelayMs"] = 0, ["maxDelayMs"] = 1 };
        });
        await apps.AddAsync(new { officialOpenid = "oaWang", follows = true }, new { officialOpenid = "oaBlocks", follows = true, blocks = true }, new { officialOpenid = "oa0404", follows = true });
        foreach (var to in new[] { "oaWang", "oaBlocks", "oa0404" }) await apps.OfficialAsync(Send, Message(to, to));

        await Eventually.True(() => listener.Pushes.Count == 3);

        var ends = listener.Pushes.Select(push => XDocument.Parse(push.Body).Root!).ToDictionary(xml => xml.Element("FromUserName")!.Value);
        Assert.All(ends.Values, xml => Assert.Equal(("TEMPLATESENDJOBFINISH", "gh_0000000000a2"), (xml.Element("Event")!.Value, xml.Element("ToUserName")!.Value)));
        Assert.Equal(["success", "failed:user block", "failed: system failed"], new[] { "oaWang", "oaBlocks", "oa0404" }.Select(to => ends[to].Element("Status")!.Value));
        Assert.Equal(
            (await apps.Sandbox.MessagesAsync()).Select(message => message.GetProperty("providerRef").GetString()).Order(),
            ends.Values.Select(xml => xml.Element("MsgID")!.Value).Order());
    }

    [Fact]
    public async Task A_chat_is_open_for_five_sends_in_48_hours_after_a_message_and_for_three_in_a_minute_after_a_tap()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { officialOpenid = "oaWang", follows = true }, new { officialOpenid = "oaShy", follows = true, refusesMessages = true });
        var text = new { touser = "oaWang", msgtype = "text", text = new { content = "您好" } };
        Assert.Equal(45015, await ChatAsync(apps, text));

        await apps.DoAsync(new { @do = "text", openid = "oaWang", content = "在吗" });
        for (var i = 0; i < 5; i++) Assert.Equal(0, await ChatAsync(apps, text));
        Assert.Equal(45047, await ChatAsync(apps, text));
        await apps.DoAsync(new { @do = "click", openid = "oaWang", key = "MENU_1" });
        for (var i = 0; i < 3; i++) Assert.Equal(0, await ChatAsync(apps, text));
        Assert.Equal(45047, await ChatAsync(apps, text));
        await apps.Sandbox.SkipAsync(TimeSpan.FromHours(48));
        Assert.Equal(45015, await ChatAsync(apps, text));

        await apps.DoAsync(new { @do = "text", openid = "oaShy", content = "hi" });
        Assert.Equal(48002, await ChatAsync(apps, new { touser = "oaShy", msgtype = "text", text = new { content = "您好" } }));
        Assert.Equal(8, (await apps.Sandbox.MessagesAsync("?channel=customer_service")).Count);
    }

    [Fact]
    public async Task Chats_of_the_wrong_shape_are_refused_and_every_kind_is_taken()
    {
        await using var apps = await TwoApps.StartAsync(setup => setup["officialAccount"]!["customerService"] = new JsonObject { ["messageSends"] = 20 });
        await apps.DoAsync(new { @do = "text", openid = "oaWang", content = "在吗" });

        Assert.Equal(40008, await ChatAsync(apps, new { touser = "oaWang", msgtype = "fax", fax = new { } }));
        Assert.Equal(45002, await ChatAsync(apps, new { touser = "oaWang", msgtype = "text", text = new { content = new string('好', 700) } }));
        Assert.Equal(45008, await ChatAsync(apps, new { touser = "oaWang", msgtype = "news", news = new { articles = new[] { new { title = "a" }, new { title = "b" } } } }));
        Assert.Equal(40003, await ChatAsync(apps, new { touser = "oNobody", msgtype = "text", text = new { content = "您好" } }));

        Assert.Equal(0, await ChatAsync(apps, new { touser = "oaWang", msgtype = "news", news = new { articles = new[] { new { title = "健康", description = "多喝水", url = "u" } } } }));
        Assert.Equal(0, await ChatAsync(apps, new { touser = "oaWang", msgtype = "msgmenu", msgmenu = new { head_content = "满意吗", list = new[] { new { id = "101", content = "满意" } }, tail_content = "谢谢" } }));
        Assert.Equal(0, await ChatAsync(apps, new { touser = "oaWang", msgtype = "miniprogrampage", miniprogrampage = new { title = "详情", pagepath = "pages/inbox/detail?ref=r1" } }));
        Assert.Equal("r1", (await apps.Sandbox.MessagesAsync())[^1].GetProperty("reference").GetString());
        Assert.Equal(0, SandboxServer.Code(await apps.OfficialAsync("/cgi-bin/message/custom/typing", new { touser = "oaWang", command = "Typing" })));
    }

    [Fact]
    public async Task A_follower_is_told_with_unionid_and_the_scene_of_the_code_that_brought_them()
    {
        await using var apps = await TwoApps.StartAsync();
        await apps.AddAsync(new { openid = "oWang", officialOpenid = "oaWang", unionid = "uWang" });
        var before = await apps.OfficialAsync("/cgi-bin/user/info?openid=oaWang&lang=zh_CN");
        Assert.Equal("""{"subscribe":0,"openid":"oaWang"}""", before.GetRawText());

        await apps.DoAsync(new { @do = "follow", openid = "oaWang", key = "store-7" });

        var after = await apps.OfficialAsync("/cgi-bin/user/info?openid=oaWang&lang=zh_CN");
        Assert.Equal(("uWang", "ADD_SCENE_QR_CODE", "store-7"),
            (after.GetProperty("unionid").GetString(), after.GetProperty("subscribe_scene").GetString(), after.GetProperty("qr_scene_str").GetString()));
        var list = await apps.OfficialAsync("/cgi-bin/user/get");
        Assert.Equal("oaWang", list.GetProperty("data").GetProperty("openid")[0].GetString());
        var batch = await apps.OfficialAsync("/cgi-bin/user/info/batchget", new { user_list = new[] { new { openid = "oaWang" } } });
        Assert.Equal(1, batch.GetProperty("user_info_list").GetArrayLength());
        Assert.Equal(40003, SandboxServer.Code(await apps.OfficialAsync("/cgi-bin/user/info?openid=oWang")));
    }

    [Fact]
    public async Task Templates_are_listed_added_and_deleted()
    {
        await using var apps = await TwoApps.StartAsync();
        var added = (await apps.OfficialAsync("/cgi-bin/template/api_add_template", new { template_id_short = "TM1", keyword_name_list = new[] { "药品" } })).GetProperty("template_id").GetString();
        Assert.Equal(0, SandboxServer.Code(await apps.OfficialAsync("/cgi-bin/template/del_private_template", new { template_id = TwoApps.Template })));

        var all = (await apps.OfficialAsync("/cgi-bin/template/get_all_private_template")).GetProperty("template_list");

        Assert.Equal(added, Assert.Single(all.EnumerateArray()).GetProperty("template_id").GetString());
        Assert.Equal(43, added!.Length);
        Assert.Equal(40037, SandboxServer.Code(await apps.OfficialAsync("/cgi-bin/template/del_private_template", new { template_id = TwoApps.Template })));
    }

    private static object Message(string to, string clientMsgId) => new
    {
        touser = to,
        template_id = TwoApps.Template,
        miniprogram = new { appid = SandboxServer.AppId, pagepath = "pages/inbox/detail?id=1" },
        client_msg_id = clientMsgId,
        data = new { thing1 = new { value = "药" }, time2 = new { value = "2026年3月10日 10:00" }, remark = new { value = "请携带会员卡" } },
    };

    private static async Task<int> ChatAsync(TwoApps apps, object message) => SandboxServer.Code(await apps.OfficialAsync(Chat, message));
}
