using Engagement.Storage;

namespace Engagement.Members.Tills;

/// <summary>Why points do not pay. The code is a contract; the sentences may be reworded.</summary>
/// <param name="Code">Stable code: what tills branch on.</param>
/// <param name="Sentence">For people.</param>
public sealed record PointsReason(string Code, Phrase Sentence)
{
    internal static readonly PointsReason
        MemberNeeded = Of("points.member_needed", "请先查询会员", "look the member up first"),
        CodeNeeded = Of("points.code_needed", "用积分须由会员出示会员码", "to spend points the member shows the member code"),
        Insufficient = Of("points.insufficient", "可用积分不足", "there are not enough active points"),
        NotPayable = Of("points.not_payable", "这些商品最多只能抵扣 usable 所示的积分（处方药、甲类非处方药、医保支付部分不能用积分）", "the basket takes no more than \"usable\": prescription and class-A OTC products and what the insurance pays take none"),
        TicketDiffers = Of("points.ticket_differs", "这张小票已用了另一笔积分", "this ticket has other points on it already"),
        TicketRefunded = Of("points.ticket_refunded", "这张小票已退货，积分不能再用于它", "the ticket was refunded; points are not used on it again"),
        ReservationExpired = Of("points.reservation_expired", "占用已超时，积分已退回", "the reservation has run out; the points went back"),
        OthersRefused = Of("points.others_refused", "同时提交的券不可用，积分也未使用", "a coupon given with them was refused, so no points were used");

    /// <summary>Every reason.</summary>
    public static IReadOnlyList<PointsReason> All { get; } =
        [MemberNeeded, CodeNeeded, Insufficient, NotPayable, TicketDiffers, TicketRefunded, ReservationExpired, OthersRefused];

    private static PointsReason Of(string code, string zh, string en) => new(code, new(zh, en));
}
