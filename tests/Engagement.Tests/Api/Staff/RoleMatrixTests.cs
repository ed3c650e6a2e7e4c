using Engagement.Api.Staff.Roles;
using Engagement.Members.Staff;

namespace Engagement.Tests.Api.Staff;

/// <summary>The table of roles says what the design says.</summary>
public sealed class RoleMatrixTests
{
    [Fact]
    public void Every_right_is_decided_for_every_role()
    {
        foreach (var right in Enum.GetValues<Right>())
        {
            foreach (var role in Enum.GetValues<StaffRole>()) Assert.True(Enum.IsDefined(RoleMatrix.Of(right, role)));
            Assert.Contains(Enum.GetValues<StaffRole>(), role => RoleMatrix.Of(right, role) != Reach.None);
        }
    }

    [Fact]
    public void An_administrator_sees_no_member_and_no_audit_log()
    {
        var rights = Enum.GetValues<Right>().Where(right => RoleMatrix.Of(right, StaffRole.ItAdmin) != Reach.None);

        Assert.Equal([Right.OwnAccount, Right.StoreRead, Right.SystemRead, Right.AccountRead, Right.AccountEdit, Right.KeyEdit], rights);
    }

    [Fact]
    public void An_auditor_reads_and_changes_nothing()
    {
        var rights = Enum.GetValues<Right>().Where(right => RoleMatrix.Of(right, StaffRole.Auditor) != Reach.None).Select(right => right.ToString());

        Assert.DoesNotContain(rights, right => right.EndsWith("Edit", StringComparison.Ordinal) || right.EndsWith("Work", StringComparison.Ordinal) || right.EndsWith("Approve", StringComparison.Ordinal)
            || right.EndsWith("Adjust", StringComparison.Ordinal) || right.EndsWith("Grant", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData((int)Right.MemberHealth, (int)StaffRole.Marketer, (int)Reach.None)]
    [InlineData((int)Right.MemberHealth, (int)StaffRole.StoreManager, (int)Reach.None)]
    [InlineData((int)Right.MemberHealth, (int)StaffRole.Pharmacist, (int)Reach.Store)]
    [InlineData((int)Right.MemberHealth, (int)StaffRole.PharmacyLead, (int)Reach.All)]
    [InlineData((int)Right.MemberCaution, (int)StaffRole.Cashier, (int)Reach.Store)]
    [InlineData((int)Right.MemberPhone, (int)StaffRole.ServiceAgent, (int)Reach.None)]
    [InlineData((int)Right.TaskRead, (int)StaffRole.Pharmacist, (int)Reach.Own)]
    [InlineData((int)Right.AuditRead, (int)StaffRole.Auditor, (int)Reach.All)]
    [InlineData((int)Right.AccountEdit, (int)StaffRole.Auditor, (int)Reach.None)]
    public void Cells_of_the_reference_stand_in_the_table(int right, int role, int reach)
    {
        Assert.Equal((Reach)reach, RoleMatrix.Of((Right)right, (StaffRole)role));
    }

    [Fact]
    public void What_is_kept_from_most_is_kept_from_all_others()
    {
        Assert.Equal([StaffRole.Auditor], Holders(Right.AuditRead));
        Assert.Equal([StaffRole.ItAdmin], Holders(Right.AccountEdit));
        Assert.Equal([StaffRole.ItAdmin], Holders(Right.KeyEdit));
        Assert.Equal([StaffRole.Pharmacist, StaffRole.PharmacyLead, StaffRole.Auditor], Holders(Right.MemberHealth));
        Assert.Equal([StaffRole.Pharmacist], Holders(Right.BreakGlass));

        static IEnumerable<StaffRole> Holders(Right right) => Enum.GetValues<StaffRole>().Where(role => RoleMatrix.Of(right, role) != Reach.None);
    }

    [Fact]
    public void Nobody_who_writes_may_approve()
    {
        (Right Write, Right Approve)[] pairs =
        [
            (Right.CampaignEdit, Right.CampaignApprove), (Right.PointsAdjust, Right.PointsApprove), (Right.LoyaltyRules, Right.LoyaltyApprove),
            (Right.CouponEdit, Right.CouponApprove), (Right.ExportRequest, Right.ExportApprove),
        ];

        Assert.All(pairs, pair => Assert.DoesNotContain(Enum.GetValues<StaffRole>(), role => RoleMatrix.Of(pair.Write, role) != Reach.None && RoleMatrix.Of(pair.Approve, role) != Reach.None));
        Assert.True(FourEyes.Allows(new StaffId(1), new StaffId(2)));
        Assert.False(FourEyes.Allows(new StaffId(1), new StaffId(1)));
        Assert.False(FourEyes.Allows(default, new StaffId(1)));
        Assert.False(FourEyes.Allows(new StaffId(1), default));
    }

    [Fact]
    public void Without_a_scope_nothing_is_seen()
    {
        Assert.Equal("1 = 0", default(StaffScope).Sql("store_id"));
        Assert.False(default(StaffScope).Covers(1));
        Assert.Equal(StaffScope.Nothing, StaffScope.Of([]));
        Assert.Equal("store_id IN @Stores", StaffScope.Of([1, 2]).Sql("store_id"));
        Assert.True(StaffScope.Of([1, 2]).Covers(2));
        Assert.False(StaffScope.Of([1, 2]).Covers(3));
        Assert.False(StaffScope.Of([1, 2]).Covers(null));
        Assert.Equal("1 = 0", StaffScope.Own(new StaffId(7), [1]).Sql("store_id"));
        Assert.Equal("owner = @Owner", StaffScope.Own(new StaffId(7), [1]).Sql("store_id", "owner"));
        Assert.True(StaffScope.Everything.Covers(null));
        Assert.Equal(StaffScope.Nothing, RoleMatrix.Scope(Right.MemberRead, StaffRole.Pharmacist, new StaffId(7), []));
        Assert.Equal(StaffScope.Nothing, RoleMatrix.Scope(Right.MemberRead, StaffRole.ItAdmin, new StaffId(7), [1]));
    }
}
