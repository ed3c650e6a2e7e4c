using Engagement.Api.Staff.Roles;

namespace Engagement.Tests.Api.Staff;

/// <summary>A recall over the endpoint: it and its entry in the audit log are one.</summary>
public sealed class AnnouncingRecalls(StaffApp app) : IClassFixture<StaffApp>
{
    private const string Recalls = "/api/staff/recalls";

    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_recall_that_cannot_be_noted_is_not_announced()
    {
        await WriteAsync("INSERT INTO product (id, sku, name, generic_name, strength, spec, maker, approval_no, class, is_sensitive, dose_estimated, price_fen, content_hash) VALUES (4711, 'R1', '维生素C', '', '', '', '', '', 1, 0, 0, 100, '')");
        using var lead = await app.InRoleAsync(StaffRole.PharmacyLead);
        const string Batch = """{"productId":"4711","batchNo":"B2026","level":1,"reason":"含量不合格","advice":"请停止使用并到任一门店退货"}""";

        await WriteAsync("CREATE TRIGGER no_entry BEFORE INSERT ON audit_entry WHEN NEW.action = 'recall.announced' BEGIN SELECT RAISE(ABORT, 'the log is full'); END");
        Assert.Equal(500, (await lead.SendAsync("POST", Recalls, Batch).SaidAsync()).Status);
        Assert.Equal(0, await CountAsync(lead));

        await WriteAsync("DROP TRIGGER no_entry");
        Assert.Equal((200, null), await lead.SendAsync("POST", Recalls, Batch).SaidAsync());
        Assert.Equal((404, "not_found"), await lead.SendAsync("POST", Recalls, Batch.Replace("4711", "4712", StringComparison.Ordinal)).SaidAsync());
        Assert.Equal(1, await CountAsync(lead));
        Assert.StartsWith("recall:", Assert.Single(await app.AuditAsync("recall.announced")).Entry.Subject, StringComparison.Ordinal);
    }

    private static async Task<int> CountAsync(HttpClient client) => (await (await client.GetAsync(Recalls)).JsonAsync()).GetProperty("items").GetArrayLength();

    private Task<int> WriteAsync(string sql) => app.Database.WriteAsync(tx => tx.ExecuteAsync(sql), None);
}
