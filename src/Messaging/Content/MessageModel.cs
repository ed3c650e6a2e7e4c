using Engagement.Storage;
using Engagement.Templates;

namespace Engagement.Messaging.Content;

/// <summary>What a template may read: the columns, and how one message fills them.</summary>
/// <remarks>Everything here is listed for staff in docs/templates.md.</remarks>
public sealed class MessageModel
{
    /// <summary>The columns of every message template.</summary>
    public static readonly RenderSchema Schema = new(
        "member.name", "member.surname", "member.title", "store.name", "store.city", "chain.name", "today",
        "refill.medicines", "refill.first_end", "campaign.name", "campaign.offer", "campaign.valid_until", "campaign.approval_no");

    private static readonly int s_name = Schema.Column("member.name");
    private static readonly int s_surname = Schema.Column("member.surname");
    private static readonly int s_title = Schema.Column("member.title");
    private static readonly int s_storeName = Schema.Column("store.name");
    private static readonly int s_storeCity = Schema.Column("store.city");
    private static readonly int s_chain = Schema.Column("chain.name");
    private static readonly int s_today = Schema.Column("today");
    private static readonly int s_medicines = Schema.Column("refill.medicines");
    private static readonly int s_firstEnd = Schema.Column("refill.first_end");
    private static readonly int s_campaign = Schema.Column("campaign.name");
    private static readonly int s_offer = Schema.Column("campaign.offer");
    private static readonly int s_validUntil = Schema.Column("campaign.valid_until");
    private static readonly int s_approvalNo = Schema.Column("campaign.approval_no");

    private readonly RenderRow _row = new(Schema);

    /// <summary>The row, filled for the message of the last call.</summary>
    public RenderRow Row => _row;

    /// <summary>Starts a message: clears the row and sets what every message has.</summary>
    public MessageModel For(string? name, string? surname, int sex, string? storeName, string? storeCity, string chainName, DateTimeOffset today)
    {
        _row.Clear();
        _row.Set(s_name, name ?? "会员");
        _row.Set(s_surname, surname ?? "会员");
        _row.Set(s_title, surname is null ? "您" : surname + (sex switch { 1 => "先生", 2 => "女士", _ => "会员" }));
        _row.Set(s_storeName, storeName ?? chainName);
        _row.Set(s_storeCity, storeCity ?? "");
        _row.Set(s_chain, chainName);
        _row.Set(s_today, today);
        return this;
    }

    /// <summary>Adds what a refill reminder tells behind the login.</summary>
    public void Refill(string medicines, int firstEnd)
    {
        _row.Set(s_medicines, medicines);
        _row.Set(s_firstEnd, ChinaTime.At(firstEnd, TimeOnly.MinValue));
    }

    /// <summary>Adds what a campaign offers.</summary>
    public void Campaign(Campaigns.CampaignContent campaign)
    {
        _row.Set(s_campaign, campaign.Name);
        _row.Set(s_offer, campaign.Offer);
        _row.Set(s_validUntil, ChinaTime.At(campaign.ValidUntil, TimeOnly.MinValue));
        _row.Set(s_approvalNo, campaign.ApprovalNo);
    }
}
