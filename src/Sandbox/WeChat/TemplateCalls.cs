using System.Globalization;
using System.Text.Json;
using Engagement.Sandbox.Control;

namespace Engagement.Sandbox.WeChat;

/// <summary>The mini-program's private templates and the public library that they are made from.</summary>
internal sealed class TemplateCalls(CurrentSetup setup)
{
    private const int MostTemplates = 50;

    private static readonly LibraryTemplate[] Library =
    [
        new(584, "用药提醒", 2, 616, [(1, "药品名称", "thing", "阿莫西林胶囊"), (2, "用药时间", "time", "2026年3月10日 08:00"), (3, "温馨提示", "thing", "请按时用药")]),
        new(1128, "复购提醒", 2, 616, [(1, "商品名称", "thing", "血糖试纸"), (2, "到期时间", "date", "2026年3月10日"), (3, "门店", "thing", "人民路店")]),
        new(2031, "会员生日祝福", 2, 616, [(1, "会员姓名", "name", "王秀兰"), (2, "祝福语", "thing", "生日快乐"), (3, "赠送积分", "number", "100")]),
    ];

    public void Map(IEndpointRouteBuilder app, WeChatGate gate)
    {
        const string Root = "/wxaapi/newtmpl/";
        gate.Map(app, "GET", Root + "getcategory", AccountKind.MiniProgram, _ => Data(new[] { new { id = 616, name = "药品零售" } }));
        gate.Map(app, "GET", Root + "getpubtemplatetitles", AccountKind.MiniProgram, Titles);
        gate.Map(app, "GET", Root + "getpubtemplatekeywords", AccountKind.MiniProgram, Keywords);
        gate.Map(app, "GET", Root + "gettemplate", AccountKind.MiniProgram, call => Data(call.Setup.Templates.Select(Shown).ToList()));
        gate.Map(app, "POST", Root + "addtemplate", AccountKind.MiniProgram, Add);
        gate.Map(app, "POST", Root + "deltemplate", AccountKind.MiniProgram, Delete);
    }

    private static WeChatReply Data<T>(T data) => WeChatReply.Of(new { errcode = 0, errmsg = "ok", data });

    private static WeChatReply Titles(WeChatCall call)
    {
        if (!int.TryParse(call.Text("start"), NumberStyles.None, CultureInfo.InvariantCulture, out var start)) return new WeChatError(200016, "start is empty or invalid");
        if (!int.TryParse(call.Text("limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit > 30) return new WeChatError(200017, "limit is empty or exceeds 30");
        if (call.Text("ids").Length == 0) return new WeChatError(200018, "ids is empty");
        var ids = call.Text("ids").Split(',');
        var found = Library.Where(t => ids.Contains(t.Category.ToString(CultureInfo.InvariantCulture))).ToList();
        return WeChatReply.Of(new
        {
            errcode = 0,
            errmsg = "ok",
            count = found.Count,
            data = found.Skip(start).Take(limit).Select(t => new { tid = t.Id, title = t.Title, type = t.Type, categoryId = t.Category.ToString(CultureInfo.InvariantCulture) }),
        });
    }

    private static WeChatReply Keywords(WeChatCall call)
    {
        if (Find(call.Text("tid")) is not { } template) return new WeChatError(200014, "tid is invalid");
        return WeChatReply.Of(new
        {
            errcode = 0,
            errmsg = "ok",
            count = template.Keywords.Length,
            data = template.Keywords.Select(k => new { kid = k.Id, name = k.Name, example = k.Example, rule = k.Type }),
        });
    }

    private WeChatReply Add(WeChatCall call)
    {
        if (Find(call.Text("tid")) is not { } template) return new WeChatError(200014, "tid is invalid");
        if (call.Part("kidList") is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() is < 2 or > 5) return new WeChatError(200020, "kidList is invalid");
        var wanted = list.EnumerateArray().Select(kid => kid.ValueKind == JsonValueKind.Number && kid.TryGetInt32(out var id) ? id : 0).ToList();
        if (wanted.Any(id => Array.TrueForAll(template.Keywords, k => k.Id != id))) return new WeChatError(200020, "kidList is invalid");
        if (call.Text("sceneDesc").Length is 0 or > 15) return new WeChatError(200021, "sceneDesc is invalid");
        if (call.Setup.Templates.Count >= MostTemplates) return new WeChatError(200012, "private template count exceeds the limit");

        var keywords = wanted.Select(id => Array.Find(template.Keywords, k => k.Id == id)).ToDictionary(k => $"{k.Type}{k.Id}", k => k.Name);
        var added = new WeChatTemplate(OfficialTemplateCalls.NewId(), template.Title, template.Type) { Keywords = keywords };
        setup.ChangeTemplates(AccountKind.MiniProgram, all => [.. all, added]);
        return WeChatReply.Of(new { errcode = 0, errmsg = "ok", priTmplId = added.Id });
    }

    private WeChatReply Delete(WeChatCall call)
    {
        var id = call.Text("priTmplId");
        if (setup.FindWeChatTemplate(id) is null) return WeChatError.InvalidTemplateId;
        setup.ChangeTemplates(AccountKind.MiniProgram, all => [.. all.Where(t => t.Id != id)]);
        return WeChatReply.Ok;
    }

    private static LibraryTemplate? Find(string tid) => Array.Find(Library, t => t.Id.ToString(CultureInfo.InvariantCulture) == tid);

    private static object Shown(WeChatTemplate template) => new
    {
        priTmplId = template.Id,
        title = template.Title,
        content = string.Concat(template.Keywords.Select(k => $"{k.Value}:{{{{{k.Key}.DATA}}}}\n")),
        example = string.Concat(template.Keywords.Select(k => $"{k.Value}:示例\n")),
        type = template.Type,
        keywordEnumValueList = template.EnumValues.Select(e => new { keywordCode = e.Key + ".DATA", enumValueList = e.Value }),
    };

    private sealed record LibraryTemplate(int Id, string Title, int Type, int Category, (int Id, string Name, string Type, string Example)[] Keywords);
}
