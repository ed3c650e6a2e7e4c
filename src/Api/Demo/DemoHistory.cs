using System.Text.Json;
using Engagement.Api.Demo.Chain;
using Engagement.Api.Hosting;
using Engagement.Members;
using Engagement.Members.Imports;
using Engagement.Messaging.Receipts;
using Engagement.Storage;

namespace Engagement.Api.Demo;

/// <summary>Fills an empty installation with a chain's history: stores, products, members, tickets, subscriptions.</summary>
internal sealed class DemoHistory(Installation installation, IServiceProvider services)
{
    private const string Setting = "demo.history";
    private const int Batch = 2000;

    private const string MemberIds = "SELECT member_no AS No, id AS Id FROM member WHERE source = @source AND member_no IN @numbers";

    /// <summary>What a folder holds, remembered in it.</summary>
    /// <param name="Origin">Where it came from: <c>made:MEMBERS</c> or the name of the export.</param>
    /// <param name="Stores">Stores.</param>
    /// <param name="Members">Member records.</param>
    /// <param name="Lines">Purchase lines.</param>
    /// <param name="Made">What was made, in both languages.</param>
    internal sealed record Loaded(string Origin, int Stores, long Members, long Lines, IReadOnlyList<Phrase> Made);

    /// <summary>What the folder holds already, or <c>null</c>.</summary>
    public static async Task<Loaded?> KnownAsync(Database database, CancellationToken ct) =>
        await database.ReadAsync(session => session.SettingAsync(Setting), ct) is { } json ? JsonSerializer.Deserialize(json, DemoJson.Default.Loaded) : null;

    /// <summary>Loads a chain and remembers it.</summary>
    public async Task<Loaded> LoadAsync(ChainData chain, string origin, CancellationToken ct)
    {
        var options = new ImportOptions(WeChatAccount: DemoSettings.AppId);
        await Service<StoreImport>().RunAsync(chain.Stores.ToAsyncEnumerable(), options, null, null, ct);
        await Service<ProductImport>().RunAsync(chain.Products.ToAsyncEnumerable(), options, null, null, ct);
        var programme = new DemoProgramme(installation, services);
        await programme.OpenAsync(chain.People, ct);
        await new DemoCare(installation, services).OpenAsync(ct);
        var members = await Stage.BarAsync("导入会员", "Importing members", chain.People,
            bar => Service<MemberImport>().RunAsync(chain.Members.ToAsyncEnumerable(), options, new Rows(bar), null, ct));
        var expected = (long)chain.People * LinesPerMember;
        var lines = await Stage.BarAsync("导入购药记录", "Importing purchases", expected,
            bar => Service<PurchaseImport>().RunAsync(chain.Lines.ToAsyncEnumerable(), options, new Rows(bar), null, ct));
        await SubscribeAsync(chain.Identities, ct);
        DemoStory.Programme(await programme.BookAsync(ct));
        await programme.GiveAsync(ct);
        var loaded = new Loaded(origin, chain.Stores.Count, members.Added, lines.Added, chain.Made);
        await installation.Database.WriteAsync(tx => tx.SetSettingAsync(Setting, JsonSerializer.Serialize(loaded, DemoJson.Default.Loaded)), ct);
        return loaded;
    }

    // Only the bar needs it: about eighteen lines a member (domain 9.2).
    private const int LinesPerMember = 18;

    private T Service<T>() where T : notnull => services.GetRequiredService<T>();

    private async Task SubscribeAsync(IEnumerable<DemoIdentity> identities, CancellationToken ct)
    {
        foreach (var part in identities.Where(i => i.Grants.Count > 0).GroupBy(i => i.Source).SelectMany(source => source.Chunk(Batch).Select(rows => (source.Key, Rows: rows))))
        {
            await installation.Database.WriteAsync(async tx =>
            {
                var rows = await tx.QueryAsync<MemberRowId>(MemberIds, new { source = part.Key, numbers = part.Rows.Select(i => i.MemberNo) });
                var ids = rows.ToDictionary(row => row.No, row => row.Id);
                await Service<GrantBook>().AddAsync(tx, [.. part.Rows.Where(i => ids.ContainsKey(i.MemberNo))
                    .SelectMany(i => i.Grants, (i, grant) => (new MemberId(ids[i.MemberNo]), DemoTemplates.WeChatTemplate(grant.TemplateKey), grant.Count))]);
            }, ct);
        }
    }

    private sealed class Rows(IProgress<Stage.Step> bar) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => bar.Report(new Stage.Step(value.Rows));
    }

    private sealed class MemberRowId
    {
        public string No { get; init; } = "";
        public long Id { get; init; }
    }
}
