using Engagement.Api.Hosting;

namespace Engagement.Api.Pos;

/// <summary>The refusals of the POS surface and its keys.</summary>
internal static class PosProblems
{
    public static readonly Problem KeyRefused = new("key_refused", 401, new("接口密钥缺失、有误、已到期或已停用。", "The API key is missing, wrong, over or revoked."));
    public static readonly Problem RightMissing = new("key_right_missing", 403, new("这个接口密钥没有执行此操作的权限。", "This API key may not be used for that."));
    public static readonly Problem MemberUnknown = new("member_ref_unknown", 404, new("会员标识无效或已过时，请重新查询会员。", "The member's reference is not one of ours, or is over: look the member up again."));
    public static readonly Problem KeyNameTaken = new("key_name_taken", 409, new("已有同名密钥（停用的也算）。", "There is a key of that name, perhaps a revoked one."));
    public static readonly Problem KeyStoreUnknown = new("key_store_unknown", 400, new("没有这个门店代码。", "There is no store of that code."));
    public static readonly Problem KeyRevoked = new("key_revoked", 409, new("密钥早已停用。", "The key was revoked before."));
}
