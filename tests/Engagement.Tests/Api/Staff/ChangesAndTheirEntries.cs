using Engagement.Api.Staff.Roles;
using Engagement.Storage.Audit;

namespace Engagement.Tests.Api.Staff;

/// <summary>A change that staff make and its entry in the audit log are one: without the entry there is no change.</summary>
public sealed class ChangesAndTheirEntries(StaffApp app) : IClassFixture<StaffApp>
{
    private const long Product = 4711, Tip = 4712, Survey = 4713;
    private const string Recall = """{"productId":"4711","batchNo":"B2026","level":1,"reason":"含量不合格","advice":"请停止使用并到任一门店退货"}""";
    private const string Published = """{"code":"visit","content":{"title":"到店服务评价","anonymousAllowed":true,"questions":[{"id":"overall","text":"总体满意吗？","kind":"score5","indicator":"overall"}]},"until":"2027-12-31"}""";

    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("recall.announced", "/api/staff/recalls", Recall, "SELECT COUNT(*) FROM recall", 200)]
    [InlineData("survey.published", "/api/staff/surveys", Published, "SELECT COUNT(*) FROM survey WHERE code = 'visit'", 201)]
    [InlineData("survey.closed", "/api/staff/surveys/4713/close", "{}", "SELECT COUNT(*) FROM survey_version WHERE survey_id = 4713 AND closed_at IS NOT NULL", 204)]
    [InlineData("tip.withdrawn", "/api/staff/tips/4712/withdrawal", """{"why":"指南已更新"}""", "SELECT COUNT(*) FROM tip WHERE id = 4712 AND withdrawn_at IS NOT NULL", 204)]
    public async Task What_cannot_be_noted_is_not_done(string action, string path, string body, string done, int status)
    {
        await StockAsync();
        using var lead = await app.InRoleAsync(StaffRole.PharmacyLead);

        await WriteAsync($"CREATE TRIGGER no_entry BEFORE INSERT ON audit_entry WHEN NEW.action = '{action}' BEGIN SELECT RAISE(ABORT, 'the log is full'); END");
        Assert.Equal(500, (await lead.SendAsync("POST", path, body, ("Idempotency-Key", $"1-{status}")).SaidAsync()).Status);
        await WriteAsync("DROP TRIGGER no_entry");
        Assert.Equal(0, await CountAsync(done));

        Assert.Equal((status, null), await lead.SendAsync("POST", path, body, ("Idempotency-Key", $"2-{status}")).SaidAsync());
        Assert.Equal(1, await CountAsync(done));
        Assert.Single(await app.AuditAsync(action), record => record.Entry.Outcome == AuditEntry.Done);
    }

    [Fact]
    public async Task A_recall_of_what_is_no_product_is_refused()
    {
        using var lead = await app.InRoleAsync(StaffRole.PharmacyLead);

        Assert.Equal((404, "not_found"), await lead.SendAsync("POST", "/api/staff/recalls", Recall.Replace("4711", "4799", StringComparison.Ordinal)).SaidAsync());
    }

    // A product, an article that is out and a survey that takes answers; each once.
    private async Task StockAsync()
    {
        await WriteAsync($"INSERT INTO product (id, sku, name, generic_name, strength, spec, maker, approval_no, class, is_sensitive, dose_estimated, price_fen, content_hash) VALUES ({Product}, 'R1', '维生素C', '', '', '', '', '', 1, 0, 0, 100, '') ON CONFLICT DO NOTHING");
        await WriteAsync($"INSERT INTO tip (id, code, latest_version, published_version) VALUES ({Tip}, 'out', 1, 1) ON CONFLICT DO NOTHING");
        await WriteAsync($"INSERT INTO survey (id, code, latest_version) VALUES ({Survey}, 'open', 1) ON CONFLICT DO NOTHING");
        await WriteAsync($$"""INSERT INTO survey_version (survey_id, version, content, until_day, author_id, created_at) VALUES ({{Survey}}, 1, '{}', 30000, 1, 1) ON CONFLICT DO NOTHING""");
    }

    private Task<long> CountAsync(string sql) => app.Database.ReadAsync(session => session.ScalarAsync<long>(sql), None);

    private Task<int> WriteAsync(string sql) => app.Database.WriteAsync(tx => tx.ExecuteAsync(sql), None);
}
