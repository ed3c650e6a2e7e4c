using System.CommandLine;
using System.Globalization;
using Engagement.Api.Hosting;
using Engagement.Api.Staff.Accounts;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Cli;

/// <summary><c>engage staff …</c>: accounts from the command line, the first administrator among them; and the proof that the audit log is whole.</summary>
internal static class StaffVerb
{
    private static readonly string s_roles = string.Join('|', Enum.GetValues<StaffRole>().Select(RoleMatrix.Code));

    private static readonly Argument<string> s_name = new("NAME") { Description = Speech.Say("账号名", "the sign-in name") };
    private static readonly Option<string> s_role = new("--role") { Description = Speech.Say("角色", "the role"), HelpName = s_roles, Required = true };
    private static readonly Option<string[]> s_stores = new("--store") { Description = Speech.Say("门店代码，可多次", "the code of a store; may be repeated"), HelpName = "CODE" };
    private static readonly Option<string[]> s_regions = new("--region") { Description = Speech.Say("区域（城市），可多次", "a region (the city of its stores); may be repeated"), HelpName = "CITY" };
    private static readonly Option<string?> s_display = new("--display") { Description = Speech.Say("姓名", "the name that people read"), HelpName = "NAME" };
    private static readonly Option<bool> s_secondFactor = new("--second-factor") { Description = Speech.Say("同时解除动态码", "take the authenticator away too") };

    public static Command Create()
    {
        s_role.Validators.Add(role =>
        {
            if (Role(role.Tokens is [var token] ? token.Value : "") is null) role.AddError(Speech.Say($"--role 应为 {s_roles} 之一", $"--role is one of {s_roles}"));
        });
        var add = new Command("add", Speech.Say("新增账号，输出一次性密码", "make an account and print its one-time password")) { s_name, s_role, s_stores, s_regions, s_display };
        add.SetAction((parsed, ct) => WithAsync(parsed, async services => Shown(parsed, await services.GetRequiredService<AccountDesk>().AddAsync(AuditActor.CommandLine, parsed.GetRequiredValue(s_name), File(parsed, null, []), ct)), ct));
        var list = new Command("list", Speech.Say("列出账号", "list the accounts"));
        list.SetAction((parsed, ct) => WithAsync(parsed, services => ListAsync(parsed, services, ct), ct));
        var role = new Command("role", Speech.Say("修改角色和门店", "change role and places")) { s_name, s_role, s_stores, s_regions, s_display };
        role.SetAction((parsed, ct) => ChangeAsync(parsed, (account, places) => File(parsed, account, places), ct));
        var disable = new Command("disable", Speech.Say("停用账号，结束其登录", "disable an account and end its sessions")) { s_name };
        disable.SetAction((parsed, ct) => ChangeAsync(parsed, (account, places) => new AccountFile(account.DisplayName, account.Role, true, places), ct));
        var enable = new Command("enable", Speech.Say("重新启用账号", "enable an account again")) { s_name };
        enable.SetAction((parsed, ct) => ChangeAsync(parsed, (account, places) => new AccountFile(account.DisplayName, account.Role, false, places), ct));
        var reset = new Command("reset", Speech.Say("重置密码并解锁，输出一次性密码", "reset the password, unlock, and print a one-time password")) { s_name, s_secondFactor };
        reset.SetAction((parsed, ct) => WithAsync(parsed, services => ResetAsync(parsed, services, ct), ct));
        var roles = new Command("roles", Speech.Say("显示权限表", "show who may do what"));
        roles.SetAction(parsed => Matrix(parsed.InvocationConfiguration.Output));
        return new Command("staff", Speech.Say("员工账号与审计日志", "accounts of staff, and the audit log")) { add, list, role, disable, enable, reset, roles, StaffAuditVerb.Create() };
    }

    /// <summary>Runs work over an opened installation; the exit code is what it says.</summary>
    internal static async Task<int> WithAsync(ParseResult parsed, Func<IServiceProvider, Task<int>> work, CancellationToken ct)
    {
        await using var installation = await Installation.OpenAsync(Settings.Read(parsed.GetRequiredValue(EngageCommand.Data)), migrate: false, ct);
        var services = new ServiceCollection();
        services.AddLogging();
        installation.Register(services).AddStaffAccounts();
        await using var provider = services.BuildServiceProvider();
        return await work(provider);
    }

    private static StaffRole? Role(string code) => Enum.GetValues<StaffRole>().Cast<StaffRole?>().FirstOrDefault(role => RoleMatrix.Code(role!.Value) == code);

    private static AccountFile File(ParseResult parsed, StaffAccount? account, IReadOnlyList<StaffPlace> places)
    {
        IReadOnlyList<StaffPlace> wanted =
        [
            .. (parsed.GetValue(s_stores) ?? []).Select(code => new StaffPlace(PlaceKind.Store, code)),
            .. (parsed.GetValue(s_regions) ?? []).Select(city => new StaffPlace(PlaceKind.Region, city)),
        ];
        return new AccountFile(
            parsed.GetValue(s_display) ?? account?.DisplayName ?? parsed.GetRequiredValue(s_name), Role(parsed.GetRequiredValue(s_role))!.Value, account?.Disabled ?? false, wanted.Count > 0 ? wanted : places);
    }

    private static Task<int> ChangeAsync(ParseResult parsed, Func<StaffAccount, IReadOnlyList<StaffPlace>, AccountFile> file, CancellationToken ct) => WithAsync(parsed, async services =>
    {
        var (account, places) = await services.GetRequiredService<Database>().ReadAsync(async session =>
        {
            var found = await FindAsync(session, parsed);
            return (found, await session.PlacesAsync(found.Id));
        }, ct);
        var refused = await services.GetRequiredService<AccountDesk>().ChangeAsync(AuditActor.CommandLine, account.Id, account.Version, file(account, places), ct);
        if (refused is not null) return Refuse(parsed, refused);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(Speech.Say($"{account.Name} 已修改，其登录已结束", $"{account.Name} was changed, and its sessions have ended"));
        return 0;
    }, ct);

    private static async Task<int> ResetAsync(ParseResult parsed, IServiceProvider services, CancellationToken ct)
    {
        var account = await services.GetRequiredService<Database>().ReadAsync(session => FindAsync(session, parsed), ct);
        return Shown(parsed, await services.GetRequiredService<AccountDesk>().ResetAsync(AuditActor.CommandLine, account.Id, parsed.GetValue(s_secondFactor), ct));
    }

    private static async Task<StaffAccount> FindAsync(Session session, ParseResult parsed) =>
        await session.AccountAsync(AccountDesk.Canonical(parsed.GetRequiredValue(s_name))) ?? throw new StorageException("staff_unknown", new(
            $"没有账号 {parsed.GetRequiredValue(s_name)}，见 engage staff list。", $"There is no account {parsed.GetRequiredValue(s_name)}: see engage staff list."));

    private static int Shown(ParseResult parsed, AccountResult result)
    {
        if (result.Refused is { } refused) return Refuse(parsed, refused);
        parsed.InvocationConfiguration.Output.WriteLine(Speech.Say(
            $"账号 {result.Account!.Name}，一次性密码 {result.OneTimePassword}（首次登录须修改，只显示这一次）",
            $"Account {result.Account!.Name}, one-time password {result.OneTimePassword} (to be changed at the first sign-in; shown this once)"));
        return 0;
    }

    internal static int Refuse(ParseResult parsed, Problem refused)
    {
        parsed.InvocationConfiguration.Error.WriteLine(refused.Title.Say());
        foreach (var error in refused.More?["errors"]?.AsArray() ?? []) parsed.InvocationConfiguration.Error.WriteLine($"  {error!["field"]}: {Speech.Say($"{error["zh"]}", $"{error["en"]}")}");
        return 1;
    }

    private static async Task<int> ListAsync(ParseResult parsed, IServiceProvider services, CancellationToken ct)
    {
        var (database, clocks) = (services.GetRequiredService<Database>(), services.GetRequiredService<Clocks>());
        var rows = await database.ReadAsync(async session =>
        {
            var list = new List<(StaffAccount, IReadOnlyList<StaffPlace>)>();
            foreach (var account in await session.AccountsAsync(0, int.MaxValue)) list.Add((account, await session.PlacesAsync(account.Id)));
            return list;
        }, ct);
        foreach (var (account, places) in rows)
        {
            var state = account.Disabled ? Speech.Say("停用", "disabled")
                : account.LockedUntil > clocks.System.NowMs() ? Speech.Say("锁定", "locked")
                : account.PasswordUntil is not null ? Speech.Say("待首次登录", "awaits first sign-in") : Speech.Say("正常", "active");
            await parsed.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{account.Name}\t{RoleMatrix.Code(account.Role)}\t{string.Join(',', places.Select(place => place.Name))}\t{state}\t{account.DisplayName}"));
        }

        return 0;
    }

    private static int Matrix(TextWriter output)
    {
        var roles = Enum.GetValues<StaffRole>();
        output.WriteLine($"{"",-18}{string.Concat(roles.Select(role => $"{RoleMatrix.Code(role),-15}"))}");
        foreach (var right in Enum.GetValues<Right>())
        {
            var cells = roles.Select(role => RoleMatrix.Of(right, role) is var reach && reach == Reach.None ? "-" : reach.ToString().ToLowerInvariant());
            output.WriteLine($"{RoleMatrix.Code(right),-18}{string.Concat(cells.Select(cell => $"{cell,-15}"))}".TrimEnd());
        }

        return 0;
    }
}
