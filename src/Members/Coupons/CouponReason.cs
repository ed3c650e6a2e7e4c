using Engagement.Storage;

namespace Engagement.Members.Coupons;

/// <summary>Why something about a coupon was refused. The code is a contract; the sentences may be reworded.</summary>
/// <param name="Code">Stable code: what the mini-program, the console and the tills branch on.</param>
/// <param name="Sentence">For people.</param>
public sealed record CouponReason(string Code, Phrase Sentence)
{
    internal static readonly CouponReason
        // A definition that is saved or published.
        TermsInvalid = Of("coupon.terms_invalid", "券的设置不合要求", "the terms of the coupon cannot be used"),
        CodeTaken = Of("coupon.code_taken", "券编号已被使用", "another definition has this code"),
        UnknownDefinition = Of("coupon.unknown_definition", "没有这种券", "there is no such coupon definition"),
        Stale = Of("coupon.stale", "别人已先修改，请按最新内容重新确认", "somebody else has changed it; look at the newest version first"),
        AuthorApproves = Of("coupon.author_approves", "编写人不能审批自己写的券", "who wrote it cannot approve it"),
        RestrictedProduct = Of("coupon.restricted_product", "处方药、甲类非处方药和未分类商品不得用券或作赠品", "prescription, class-A OTC and unknown products take no coupon and are no gift"),
        DrugAsGift = Of("coupon.drug_gift", "换购或赠送的只能是非药品", "what is exchanged or given must not be a drug"),
        NamesPrescription = Of("coupon.names_prescription", "文字中提到了处方药（广告法第十五条）", "its words name a prescription product (Advertising Law, article 15)"),
        ApprovalMissing = Of("coupon.approval_missing", "该优惠须有广告批准文号和有效期（广告法第四十六条）", "this offer needs an advertising approval number and its last day (Advertising Law, article 46)"),
        ApprovalExpired = Of("coupon.approval_expired", "广告批准文号已过期", "the advertising approval has expired"),
        WarningMissing = Of("coupon.warning_missing", "缺少法定的提示语", "a warning that the law wants is missing"),
        MarkMissing = Of("coupon.mark_missing", "该优惠须标明“广告”", "this offer must carry the mark 广告"),
        RulesMissing = Of("coupon.rules_missing", "赠送、换购或积分兑换须有规则页面", "a gift, an exchange or a points price needs a page with its rules"),

        // A claim.
        MemberUnknown = Of("coupon.member_unknown", "没有这位会员", "there is no such member"),
        NotOpen = Of("coupon.not_open", "领取尚未开始", "claims have not begun"),
        Closed = Of("coupon.closed", "领取已结束", "claims have ended"),
        SoldOut = Of("coupon.sold_out", "已被领完", "all have been claimed"),
        SoldOutToday = Of("coupon.sold_out_today", "今天的已被领完，请明天再来", "today's have been claimed; come again tomorrow"),
        BudgetSpent = Of("coupon.budget_spent", "活动预算已用完", "the budget of the promotion is spent"),
        MemberLimit = Of("coupon.limit_member", "已达到每位会员的领取上限", "as many as one member may claim"),
        PersonLimit = Of("coupon.limit_person", "该手机号已达到领取上限", "as many as one phone number may claim"),
        PhoneNeeded = Of("coupon.phone_needed", "请先绑定手机号", "bind a phone number first"),
        Tier = Of("coupon.tier", "您的会员等级不适用", "not for your tier"),
        NotInvited = Of("coupon.not_invited", "仅限受邀会员", "for invited members only"),
        Minor = Of("coupon.minor", "未满十四周岁的会员不参加优惠活动", "members under fourteen are not part of promotions"),
        TooFast = Of("coupon.too_fast", "操作过于频繁，请稍后再试", "too many in a short time; try again later"),
        Points = Of("coupon.points", "积分不足", "not enough points"),
        PointsUnavailable = Of("coupon.points_unavailable", "积分兑换暂不可用", "points cannot be spent at present"),

        // A redemption.
        CodeInvalid = Of("coupon.code_invalid", "券码有误，请核对", "the code is mistyped"),
        Unknown = Of("coupon.unknown", "没有这张券", "there is no such coupon"),
        Repeated = Of("coupon.repeated", "同一张券重复提交", "the same coupon was given twice"),
        Used = Of("coupon.used", "券已使用", "the coupon has been used"),
        Reserved = Of("coupon.reserved", "券已被另一张小票占用", "another ticket holds the coupon"),
        NotYetValid = Of("coupon.not_yet_valid", "券还没到可用日期", "it cannot be used yet"),
        Expired = Of("coupon.expired", "券已过期", "the coupon has expired"),
        Void = Of("coupon.void", "券已作废", "the coupon was made void"),
        NotYours = Of("coupon.not_yours", "券不属于这位会员", "the coupon belongs to another member"),
        Store = Of("coupon.store", "本店不可用", "this store does not take it"),
        Channel = Of("coupon.channel", "该渠道不可用", "this channel does not take it"),
        BelowThreshold = Of("coupon.below_threshold", "适用商品金额未达到使用门槛", "the products that count cost less than the threshold"),
        NoEligibleLine = Of("coupon.no_eligible_line", "没有适用的商品", "nothing in the basket counts for it"),
        NoEffect = Of("coupon.no_effect", "用了也没有优惠，未使用", "it would take nothing off, so it was not used"),
        NotCombinable = Of("coupon.not_combinable", "不能与其他券同时使用", "it cannot be used together with another coupon"),
        OthersRefused = Of("coupon.others_refused", "同时提交的其他券不可用，均未使用", "another coupon given with it was refused, so none was used"),
        RequestInvalid = Of("coupon.request_invalid", "请求内容有误", "the request cannot be read"),
        NothingReserved = Of("coupon.nothing_reserved", "这张小票没有占用的券", "this ticket holds no coupon"),
        ReservationExpired = Of("coupon.reservation_expired", "占用已超时，请重新核销", "the reservation has run out; redeem it again"),
        TicketRefunded = Of("coupon.ticket_refunded", "这张小票已退货，券不能再用于它", "the ticket was refunded; the coupon is not used on it again"),
        TicketAmbiguous = Of("coupon.ticket_ambiguous", "不同收银台有同号小票，请注明收银台", "several tills have a ticket of that number; name the till"),
        RefundExceeds = Of("coupon.refund_exceeds", "退货数量超过购买数量", "more is refunded than was bought");

    private static readonly List<CouponReason> s_all = [.. typeof(CouponReason).GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)
        .Where(field => field.FieldType == typeof(CouponReason)).Select(field => (CouponReason)field.GetValue(null)!)];

    /// <summary>Every reason.</summary>
    public static IReadOnlyList<CouponReason> All => s_all;

    /// <summary>A refusal for this reason.</summary>
    /// <param name="detail">What it is about: a field, a product, a ticket. Never a personal value.</param>
    internal CouponRefusal About(string detail = "") => new(this, detail);

    private static CouponReason Of(string code, string zh, string en) => new(code, new(zh, en));
}

/// <summary>One refusal.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Detail">What it is about: a field, a product, a ticket; empty when the reason says all.</param>
public sealed record CouponRefusal(CouponReason Reason, string Detail)
{
    /// <summary>The sentence for people, with what it is about.</summary>
    public Phrase Sentence => Detail.Length == 0 ? Reason.Sentence : new($"{Reason.Sentence.Zh}：{Detail}", $"{Reason.Sentence.En}: {Detail}");
}
