using Engagement.Api.Hosting;
using Engagement.Api.Staff;
using Engagement.Api.Staff.Roles;
using Engagement.Api.Staff.SignIn;
using Engagement.Storage.Audit;

namespace Engagement.Tests.Api.Staff;

/// <summary>The one door to a member's record: scope, break-glass, purpose, and an entry of each attempt.</summary>
public sealed class OpeningMembers(StaffApp app) : IClassFixture<StaffApp>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_member_of_the_own_store_is_opened_and_one_of_another_store_is_not_there()
    {
        var pharmacist = await CallerAsync(StaffRole.Pharmacist, Right.MemberRead);

        Assert.Null(await OpenAsync(pharmacist, app.HomeMember, "door.own"));
        Assert.Same(Problems.NotFound, await OpenAsync(pharmacist, app.ForeignMember, "door.foreign"));
        Assert.Same(Problems.NotFound, await OpenAsync(pharmacist, 12345, "door.nobody"));
        Assert.Null(await OpenAsync(await CallerAsync(StaffRole.ServiceAgent, Right.MemberRead), app.ForeignMember, "door.all"));
        Assert.Same(Problems.NotFound, await OpenAsync(await CallerAsync(StaffRole.ItAdmin, Right.MemberRead), app.HomeMember, "door.it"));

        var (own, foreign) = (Assert.Single(await app.AuditAsync("door.own")), Assert.Single(await app.AuditAsync("door.foreign")));
        Assert.Equal((app.HomeMember, AuditEntry.Done, "pharmacist", app.HomeStore), (own.Entry.MemberId, own.Entry.Outcome, own.Entry.Actor.Role, own.Entry.Actor.StoreId));
        Assert.Equal((app.ForeignMember, AuditEntry.Refused), (foreign.Entry.MemberId, foreign.Entry.Outcome));
    }

    [Fact]
    public async Task Health_data_is_read_for_a_purpose_that_stands_in_the_log()
    {
        var pharmacist = await CallerAsync(StaffRole.Pharmacist, Right.MemberHealth);

        Assert.Same(StaffProblems.PurposeNeeded, await OpenAsync(pharmacist, app.HomeMember, "door.health"));
        Assert.Same(StaffProblems.PurposeNeeded, await OpenAsync(pharmacist, app.HomeMember, "door.health", "  "));
        Assert.Same(StaffProblems.PurposeNeeded, await OpenAsync(pharmacist, app.HomeMember, "door.health", new string('长', 201)));
        Assert.Null(await OpenAsync(pharmacist, app.HomeMember, "door.health", " 核对过敏史 "));

        Assert.Equal("核对过敏史", Assert.Single(await app.AuditAsync("door.health")).Entry.Purpose);
    }

    [Fact]
    public async Task Break_glass_opens_one_member_for_one_pharmacist()
    {
        var pharmacist = await CallerAsync(StaffRole.Pharmacist, Right.MemberHealth);
        var manager = await CallerAsync(StaffRole.StoreManager, Right.MemberRead);
        Assert.Same(Problems.NotFound, await OpenAsync(pharmacist, app.ForeignMember, "door.glass", "核对用药"));

        var (access, refused) = await app.Service<BreakGlass>().OpenAsync(pharmacist, await app.ForeignCodeAsync(), "会员在柜台", None);

        Assert.Null(refused);
        Assert.Equal(app.ForeignMember, access!.MemberId);
        Assert.Null(await OpenAsync(pharmacist, app.ForeignMember, "door.glass", "核对用药"));
        Assert.Contains("break_glass", (await app.AuditAsync("door.glass"))[0].Entry.Detail);
        Assert.Same(Problems.NotFound, await OpenAsync(manager, app.ForeignMember, "door.glass"));
        // When the half hour is over.
        await app.Database.WriteAsync(tx => tx.ExecuteAsync("UPDATE break_glass SET expires_at = 1 WHERE id = @id", new { id = access.Id }), None);
        Assert.Same(Problems.NotFound, await OpenAsync(pharmacist, app.ForeignMember, "door.glass", "核对用药"));
    }

    private Task<Problem?> OpenAsync(StaffCaller caller, long member, string action, string? purpose = null) =>
        app.Service<MemberDoor>().OpenAsync(caller, member, action, purpose, None);

    private async Task<StaffCaller> CallerAsync(StaffRole role, Right right)
    {
        var session = await app.Service<DemoSignIn>().SignInAsync(role, None);
        return (await app.Service<StaffSessions>().FindAsync(session.Id, None))! with { Right = right };
    }
}
