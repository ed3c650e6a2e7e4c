using Engagement.Api.Hosting;
using Engagement.Api.Staff.SignIn;

namespace Engagement.Api.Staff;

/// <summary>The refusals of sign-in and accounts.</summary>
internal static class StaffProblems
{
    public static readonly Problem SignInRefused = new("sign_in_refused", 401, new("账号或密码不正确，或账号因多次失败被暂时锁定。", "The name or the password is wrong, or the account is locked for a while after too many failures."));
    public static readonly Problem CodeRefused = new("code_refused", 401, new("动态码不正确、已用过，或账号因多次失败被暂时锁定。", "The code is wrong or was used before, or the account is locked for a while after too many failures."));
    public static readonly Problem CodeNeeded = new("second_factor_needed", 403, new("请先输入动态码完成登录。", "Give the code of the authenticator first."));
    public static readonly Problem PasswordNeeded = new("password_change_needed", 403, new("请先修改一次性密码。", "Change the one-time password first."));
    public static readonly Problem EnrolmentNeeded = new("second_factor_enrolment_needed", 403, new("此角色需要动态码，请先绑定验证器。", "This role needs a second factor: enrol an authenticator first."));
    public static readonly Problem StepDone = new("sign_in_step_done", 409, new("这一步已经完成或还未轮到。", "This step is done already, or is not due yet."));
    public static readonly Problem PasswordWeak = new("password_weak", 400, new("密码至少 12 个字符，不能含账号名，也不能过于简单。", "A password has at least 12 characters, does not hold the account's name and is not a simple one."));
    public static readonly Problem PasswordWrong = new("password_wrong", 403, new("当前密码不正确。", "The present password is wrong."));
    public static readonly Problem NameTaken = new("staff_name_taken", 409, new("已有同名账号。", "There is an account of that name."));
    public static readonly Problem OwnAccount = new("own_account", 403, new("不能管理自己的账号。", "Nobody administers their own account."));
    public static readonly Problem AuditorApart = new("auditor_apart", 403, new("审计账号由命令行单独管理：系统管理员不得审计自己。", "Auditors' accounts are kept from the command line, apart from administrators: nobody audits what they administer."));
    public static readonly Problem PlaceUnknown = new("place_unknown", 400, new("没有这个门店代码或城市。", "There is no store of that code, or no store in that city."));
    public static readonly Problem PlaceNeeded = new("place_needed", 400, new("门店角色至少要有一个门店或区域。", "A role of stores needs at least one store or region."));
    public static readonly Problem DemoRoleUnknown = new("demo_role_unknown", 400, new("没有这个角色。", "There is no such role."));
    public static readonly Problem PurposeNeeded = new("purpose_needed", 400, new("查看健康信息须说明用途（2 到 200 个字）。", "Reading health data needs a purpose of 2 to 200 characters."));

    /// <summary>What still stands between a session and its work.</summary>
    public static Problem Of(SignInStage stage) => stage switch
    {
        SignInStage.Code => CodeNeeded,
        SignInStage.Password => PasswordNeeded,
        SignInStage.Enrolment => EnrolmentNeeded,
        SignInStage.Complete => StepDone,
    };
}
