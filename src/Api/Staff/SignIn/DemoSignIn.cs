using Engagement.Api.Staff.Accounts;
using Engagement.Api.Staff.Roles;
using Engagement.Members.Staff;
using Engagement.Storage;
using Engagement.Storage.Audit;

namespace Engagement.Api.Staff.SignIn;

/// <summary>One click a role, in the demo only. The accounts have no password, so nothing else opens them.</summary>
internal sealed class DemoSignIn(Database database, IdGenerator ids, Clocks clocks, StaffSessions sessions, AuditLog audit)
{
    /// <summary>The setting that turns it on.</summary>
    public const string Setting = "Staff:DemoSignIn";

    /// <summary>Refuses the setting anywhere but in a demo: demo keys on SQLite.</summary>
    /// <exception cref="StorageException"><c>demo_sign_in</c>.</exception>
    public static bool Allowed(IConfiguration settings, KeyRing keys, DatabaseProvider provider)
    {
        if (!settings.GetValue(Setting, false)) return false;
        return keys.Demo && provider == DatabaseProvider.Sqlite ? true : throw new StorageException("demo_sign_in", new(
            "一键登录（Staff:DemoSignIn）只能用于演示安装（SQLite 加演示密钥），请关闭后再启动。",
            "One-click sign-in (Staff:DemoSignIn) is for a demo only (SQLite with demo keys): turn it off to start."));
    }

    /// <summary>Begins a session in a role; the account is made at the first time.</summary>
    public Task<StaffSession> SignInAsync(StaffRole role, CancellationToken ct) => database.WriteAsync(async tx =>
    {
        var name = $"demo-{RoleMatrix.Code(role).Replace('_', '-')}";
        var account = await tx.AccountAsync(name);
        if (account is null)
        {
            await AccountStore.InsertAsync(tx, new StaffId(ids.Next()), name, $"演示{role.Title().Zh}", role, hash: "", until: null, disabled: false, clocks.System.NowMs());
            account = (await tx.AccountAsync(name))!;
        }

        // The demo's stores may have come after the account.
        var store = await tx.SingleOrDefaultAsync<string>("SELECT MIN(code) FROM store");
        if (role.IsOfStores() && store is not null) await AccountStore.SetPlacesAsync(tx, account.Id, [new StaffPlace(PlaceKind.Store, store)]);
        var session = await sessions.BeginAsync(tx, account.Id, secondFactor: true, demo: true);
        await audit.AppendAsync(tx, new AuditEntry(new AuditActor(account.Id.Value, account.Name, RoleMatrix.Code(role)), "staff.demo_sign_in") { Subject = $"staff:{account.Id}" });
        return session;
    }, ct);
}
