using Engagement.Storage;

namespace Engagement.Api.Staff.Roles;

/// <summary>What a member of staff is. An account has one; who does two jobs has two accounts, so that nobody audits what they administer.</summary>
internal enum StaffRole
{
    Marketer = 1,
    Approver = 2,
    StoreManager = 3,
    Pharmacist = 4,
    PharmacyLead = 5,
    Cashier = 6,
    ServiceAgent = 7,
    Auditor = 8,
    ItAdmin = 9,
}

/// <summary>What holds for a role as such.</summary>
internal static class StaffRoles
{
    /// <summary>The role's name, as people read it.</summary>
    public static Phrase Title(this StaffRole role) => role switch
    {
        StaffRole.Marketer => new("总部营销", "HQ marketing"),
        StaffRole.Approver => new("营销审批", "HQ approver"),
        StaffRole.StoreManager => new("店长", "store manager"),
        StaffRole.Pharmacist => new("药师", "pharmacist"),
        StaffRole.PharmacyLead => new("总部药学负责人", "HQ pharmacy lead"),
        StaffRole.Cashier => new("收银员", "cashier"),
        StaffRole.ServiceAgent => new("客服", "customer service"),
        StaffRole.Auditor => new("审计与个人信息保护", "auditor and data protection"),
        StaffRole.ItAdmin => new("系统管理员", "IT administrator"),
    };

    /// <summary>Whether it is a role of the head office: those sign in with a second factor.</summary>
    public static bool NeedsSecondFactor(this StaffRole role) => !role.IsOfStores();

    /// <summary>Whether it is tied to stores or regions: without any, such an account sees nothing.</summary>
    public static bool IsOfStores(this StaffRole role) => role is StaffRole.StoreManager or StaffRole.Pharmacist or StaffRole.Cashier;
}
