using System.CommandLine;
using System.Globalization;
using Engagement.Api.Hosting;
using Engagement.Api.Pos.Keys;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Cli;

/// <summary><c>engage pos-keys …</c>: the API keys of till systems.</summary>
internal static class PosKeysVerb
{
    private static readonly string s_rights = string.Join('|', Enum.GetValues<PosRight>().Select(PosKey.Code));

    private static readonly Argument<string> s_name = new("NAME") { Description = Speech.Say("密钥名称", "what the key is called") };
    private static readonly Option<string[]> s_right = new("--right") { Description = Speech.Say("权限，可多次", "what it may be used for; may be repeated"), HelpName = s_rights, Required = true };
    private static readonly Option<string[]> s_stores = new("--store") { Description = Speech.Say("门店代码，可多次", "the code of a store; may be repeated"), HelpName = "CODE" };
    private static readonly Option<bool> s_allStores = new("--all-stores") { Description = Speech.Say("全部门店", "all stores") };
    private static readonly Option<string> s_source = new("--source") { Description = Speech.Say("小票和会员卡的来源", "the source of its tickets and cards"), HelpName = "SOURCE", DefaultValueFactory = _ => "till" };
    private static readonly Option<DateOnly?> s_until = new("--until") { Description = Speech.Say("最后一天", "its last day"), HelpName = "DATE" };

    public static Command Create()
    {
        s_right.Validators.Add(rights =>
        {
            if (rights.Tokens.Any(token => PosKey.Right(token.Value) is null)) rights.AddError(Speech.Say($"--right 应为 {s_rights}", $"--right is one of {s_rights}"));
        });
        var add = new Command("add", Speech.Say("新建密钥，只显示这一次", "make a key; it is shown this once")) { s_name, s_right, s_stores, s_allStores, s_source, s_until };
        add.Validators.Add(parsed =>
        {
            if (parsed.GetValue(s_allStores) == (parsed.GetValue(s_stores) is { Length: > 0 })) parsed.AddError(Speech.Say("请用 --store 指定门店，或用 --all-stores", "name stores with --store, or --all-stores"));
        });
        add.SetAction((parsed, ct) => WithAsync(parsed, keys => AddAsync(parsed, keys, ct), ct));
        var list = new Command("list", Speech.Say("列出密钥", "list the keys"));
        list.SetAction((parsed, ct) => WithAsync(parsed, keys => ListAsync(parsed, keys, ct), ct));
        var revoke = new Command("revoke", Speech.Say("停用密钥，立即生效", "revoke a key, at once")) { s_name };
        revoke.SetAction((parsed, ct) => WithAsync(parsed, keys => RevokeAsync(parsed, keys, ct), ct));
        return new Command("pos-keys", Speech.Say("收银系统的接口密钥", "API keys of till systems")) { add, list, revoke };
    }

    private static Task<int> WithAsync(ParseResult parsed, Func<PosKeys, Task<int>> work, CancellationToken ct) =>
        StaffVerb.WithAsync(parsed, services => work(ActivatorUtilities.CreateInstance<PosKeys>(services)), ct);

    private static async Task<int> AddAsync(ParseResult parsed, PosKeys keys, CancellationToken ct)
    {
        var file = new PosKeyFile(
            parsed.GetRequiredValue(s_name), parsed.GetRequiredValue(s_source), [.. parsed.GetRequiredValue(s_right).Select(right => PosKey.Right(right)!.Value)],
            parsed.GetValue(s_allStores) ? null : parsed.GetRequiredValue(s_stores),
            parsed.GetValue(s_until) is { } last ? ChinaTime.At(ChinaTime.DayOf(last) + 1, TimeOnly.MinValue).ToUnixTimeMilliseconds() : null);
        var made = await keys.AddAsync(AuditActor.CommandLine, file, ct);
        if (made.Refused is { } refused) return StaffVerb.Refuse(parsed, refused);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(Speech.Say($"密钥 {made.Key!.Name}：{made.Text}（只显示这一次）", $"Key {made.Key!.Name}: {made.Text} (shown this once)"));
        return 0;
    }

    private static async Task<int> ListAsync(ParseResult parsed, PosKeys keys, CancellationToken ct)
    {
        foreach (var key in await keys.ListAsync(ct))
        {
            var state = key.RevokedAt is not null ? Speech.Say("已停用", "revoked") : Speech.Say("有效", "live");
            await parsed.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{key.Name}\tpk_{key.Prefix}_…\t{key.Source}\t{string.Join(',', key.Rights.Select(PosKey.Code))}\t{(key.Stores is null ? "*" : key.Stores.Count.ToString())}\t{state}\t{Day(key.ExpiresAt)}\t{Day(key.LastUsedAt)}"));
        }

        return 0;
    }

    private static async Task<int> RevokeAsync(ParseResult parsed, PosKeys keys, CancellationToken ct)
    {
        var name = parsed.GetRequiredValue(s_name);
        if (await keys.RevokeAsync(AuditActor.CommandLine, name, ct) is { } refused) return StaffVerb.Refuse(parsed, refused);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(Speech.Say($"{name} 已停用", $"{name} was revoked"));
        return 0;
    }

    private static string Day(long? at) => at is { } ms ? ChinaTime.In(DateTimeOffset.FromUnixTimeMilliseconds(ms)).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "-";
}
