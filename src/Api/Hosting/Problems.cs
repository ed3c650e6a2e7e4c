using System.Text.Json.Nodes;
using Engagement.Storage;

namespace Engagement.Api.Hosting;

/// <summary>The refusals that every surface gives. A feature's own stand beside its endpoints, as static readonly fields of this type.</summary>
internal static class Problems
{
    public static readonly Problem BadRequest = new("bad_request", 400, new("请求格式不对。", "The request is not well formed."));
    public static readonly Problem BodyInvalid = new("body_invalid", 400, new("请求内容无法读取，at 指出了位置。", "The body cannot be read; \"at\" says where."));
    public static readonly Problem TextInvalid = new("text_invalid", 400, new("请求地址中的文字不是有效的 UTF-8。", "The address holds text that is not UTF-8."));
    public static readonly Problem CursorInvalid = new("cursor_invalid", 400, new("翻页标记不可用，请从第一页重新开始。", "The cursor cannot be used: start again with the first page."));
    public static readonly Problem KeyMissing = new("idempotency_key_missing", 400, new("此操作需要 Idempotency-Key 请求头（1 到 80 个字母、数字、- 或 _）。", "This request needs the header Idempotency-Key: 1 to 80 letters, digits, - or _."));
    public static readonly Problem SignedOut = new("signed_out", 401, new("尚未登录，或登录已失效。", "Not signed in, or the session has ended."));
    public static readonly Problem Forbidden = new("forbidden", 403, new("没有执行此操作的权限。", "This account may not do that."));
    public static readonly Problem CrossSite = new("cross_site", 403, new("拒绝来自其他网站的请求。", "Requests from another site are refused."));
    public static readonly Problem NotFound = new("not_found", 404, new("没有找到，或不在可见范围内。", "There is no such thing, or it is out of sight."));
    public static readonly Problem MethodNotAllowed = new("method_not_allowed", 405, new("该地址不支持这种请求方法。", "This address does not take that method."));
    public static readonly Problem InProgress = new("request_in_progress", 409, new("同一个请求正在处理中，请稍后用同样的 Idempotency-Key 重试。", "The same request is under way: repeat it with the same Idempotency-Key in a moment."));
    public static readonly Problem AnswerLost = new("answer_lost", 409, new("这个请求已经完成，但当时的应答没有保存下来，请查询当前状态。", "This request was carried out, but its answer was lost: look at the present state."));
    public static readonly Problem StaleVersion = new("stale_version", 409, new("这条记录已被别人改动，changed 列出了不同之处。", "Somebody else has changed this; \"changed\" lists what differs."));
    public static readonly Problem TagUnknown = new("version_unknown", 412, new("If-Match 不是本系统给出的版本标记。", "If-Match is no version tag of ours."));
    public static readonly Problem TooLarge = new("too_large", 413, new("请求内容过大。", "The request is too large."));
    public static readonly Problem MediaType = new("media_type_unsupported", 415, new("请求内容应为 application/json（UTF-8）。", "The body must be application/json in UTF-8."));
    public static readonly Problem KeyReused = new("idempotency_key_reused", 422, new("这个 Idempotency-Key 已用于另一个不同的请求。", "This Idempotency-Key was used for another request."));
    public static readonly Problem TagMissing = new("version_missing", 428, new("修改前请先读取，并在 If-Match 中带上版本标记。", "Read it first, and send its version tag in If-Match."));
    public static readonly Problem RateLimited = new("rate_limited", 429, new("请求过于频繁，请稍后再试。", "Too many requests: try again in a while."));
    public static readonly Problem Unexpected = new("unexpected", 500, new("系统出错，已记录。", "Something went wrong on our side; it has been logged."));

    public static readonly Problem FieldsInvalid = new("fields_invalid", 400, new("有字段不符合要求，errors 列出了原因。", "Some fields are not acceptable; \"errors\" says why."));

    /// <summary>Refuses a body whose fields are well formed and not acceptable.</summary>
    public static Problem Fields(params IEnumerable<(string Field, Phrase Why)> faults) => FieldsInvalid with
    {
        More = new JsonObject
        {
            ["errors"] = new JsonArray([.. faults.Select(fault => new JsonObject { ["field"] = fault.Field, ["zh"] = fault.Why.Zh, ["en"] = fault.Why.En })]),
        },
    };

    /// <summary>Refuses a stale write and says what differs: for each field what the caller wants and what it is now.</summary>
    public static Problem Stale(long version, params IEnumerable<(string Field, JsonNode? Yours, JsonNode? Now)> changed) => StaleVersion with
    {
        More = new JsonObject
        {
            ["etag"] = VersionTag.Of(version),
            ["changed"] = new JsonArray([.. changed.Where(field => !JsonNode.DeepEquals(field.Yours, field.Now))
                .Select(field => new JsonObject { ["field"] = field.Field, ["yours"] = field.Yours, ["now"] = field.Now })]),
        },
    };

    /// <summary>The refusal that stands for a bare status code.</summary>
    public static Problem Of(int status) => status switch
    {
        400 => BadRequest,
        401 => SignedOut,
        403 => Forbidden,
        404 => NotFound,
        405 => MethodNotAllowed,
        413 => TooLarge,
        415 => MediaType,
        429 => RateLimited,
        >= 500 => Unexpected with { Status = status },
        _ => BadRequest with { Status = status },
    };
}
