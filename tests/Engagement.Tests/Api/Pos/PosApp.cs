using System.Net.Http.Headers;
using Engagement.Api.Demo;
using Engagement.Api.Hosting;
using Engagement.Api.Pos.Keys;
using Engagement.Api.Staff.SignIn;
using Engagement.Members;
using Engagement.Members.Coupons;
using Engagement.Members.Imports;
using Engagement.Members.Points;
using Engagement.Members.Products;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Engagement.Storage.Cluster;
using Engagement.Tests.Members;
using Engagement.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Tests.Api.Pos;

/// <summary>A <see cref="PosApp"/> that the tests of a class share.</summary>
public abstract class PosFixture(TestDatabase test) : IAsyncLifetime
{
    private PosApp? _app;

    internal PosApp App => _app!;

    public async Task InitializeAsync()
    {
        await test.InitializeAsync();
        _app = await PosApp.StartAsync(test);
    }

    public async Task DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        await test.DisposeAsync();
    }
}

/// <inheritdoc/>
public sealed class SqlitePos() : PosFixture(new SqliteTestDatabase());

/// <inheritdoc/>
public sealed class MySqlPos() : PosFixture(new MySqlTestDatabase());

/// <summary>The application on a database of either kind, with two stores, a few goods and members, and till systems that call it.</summary>
internal sealed class PosApp : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TempFolder _folder = new();
    private readonly Installation _installation;
    private readonly WebApplication _app;

    private PosApp(TempFolder folder, Installation installation, WebApplication app) => (_folder, _installation, _app) = (folder, installation, app);

    public Database Database => _installation.Database;

    public Clocks Clocks => _installation.Clocks;

    public string Today => ChinaTime.DateOf(Clocks.Business.GetUtcNow()).ToString("yyyy-MM-dd");

    public static async Task<PosApp> StartAsync(TestDatabase test, params KeyValuePair<string, string?>[] more)
    {
        var folder = new TempFolder();
        KeyRing.Create(folder["keys"], demo: false);
        var settings = Settings.Read(folder.Path,
        [
            .. DemoSettings.For(FakeProvider.NobodyThere()).Where(setting => setting.Key != DemoSignIn.Setting),
            new("Database:Provider", $"{test.Options.Provider}"), new("Database:ConnectionString", test.Options.ConnectionString), new("Limits:PerKey", "1000000"), new("Limits:PerAddress", "1000000"), .. more,
        ]);
        var installation = await Installation.OpenAsync(settings, migrate: true, None);
        var app = EngagementApp.Build(installation, "http://127.0.0.1:0", Role.Api, schedule: false, quiet: true);
        await app.StartAsync();
        var started = new PosApp(folder, installation, app);
        await started.SeedAsync();
        return started;
    }

    public T Service<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>A till system with a key of its own; without rights named, with all of them.</summary>
    public async Task<HttpClient> TillAsync(IReadOnlyList<string>? stores = null, params PosRight[] rights)
    {
        var made = await Service<PosKeys>().AddAsync(AuditActor.CommandLine, new PosKeyFile($"till-{Guid.NewGuid():n}"[..30], "till", rights.Length == 0 ? Enum.GetValues<PosRight>() : rights, stores), None);
        return Client(made.Text!);
    }

    public HttpClient Client(string? key = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(EngagementApp.Address(_app)) };
        if (key is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public Task<MemberId> MemberAsync(string no = "M1") => Database.ReadAsync(async session => new MemberId(await session.ScalarAsync<long>("SELECT id FROM member WHERE member_no = @no", new { no })), None);

    /// <summary>A coupon of ten yuan off from fifty.</summary>
    public async Task<Coupon> CouponAsync(string member = "M1")
    {
        var definitions = Service<CouponDefinitions>();
        var now = Clocks.Business.GetUtcNow();
        var terms = new CouponTerms
        {
            Title = "满减券", Kind = CouponKind.AmountOff, Value = 1000, ThresholdFen = 5000, Total = 1000,
            ValidUntil = ChinaTime.DateOf(now).AddDays(30), ClaimFrom = now.AddDays(-1), ClaimUntil = now.AddDays(20),
        };
        var saved = Assert.IsType<SaveOutcome.Saved>(await definitions.CreateAsync($"C{_installation.Ids.Next()}", terms, 11, None));
        Assert.IsType<PublishOutcome.Published>(await definitions.PublishAsync(saved.Id, saved.Version, 12, None));
        return Assert.IsType<ClaimOutcome.Claimed>(await Service<CouponClaims>().ClaimAsync(new ClaimRequest(saved.Id, await MemberAsync(member)), None)).Coupon;
    }

    public async Task GivePointsAsync(long points, string member = "M1")
    {
        var id = await MemberAsync(member);
        await Database.WriteAsync(tx => Service<PointsDesk>().GiveAsync(tx, id, points, PointsPart.None, $"test:{_installation.Ids.Next()}", 30, "赠送"), None);
    }

    public Task<IReadOnlyList<AuditRecord>> AuditAsync(string action) => Database.ReadAsync(session => AuditLog.SearchAsync(session, new AuditQuery { Action = action }), None);

    public Task<long> CountAsync(string table) => Database.ReadAsync(session => session.ScalarAsync<long>($"SELECT COUNT(*) FROM {table}"), None);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _installation.DisposeAsync();
        _folder.Dispose();
    }

    private async Task SeedAsync()
    {
        await Service<StoreImport>().RunAsync(Pharmacy.Rows([new StoreRow("S001", "人民路店", "杭州"), new StoreRow("S002", "解放路店", "杭州")]), new ImportOptions(), null, null, None);
        await Service<ProductImport>().RunAsync(Pharmacy.Rows(
        [
            new ProductRow { Sku = "CREAM", Name = "护手霜", Class = ProductClass.Other, PriceFen = 6000 },
            Pharmacy.Medicine("AML28", "苯磺酸氨氯地平片", "氨氯地平", "5mg", 28, 1000),
            new ProductRow { Sku = "IBU", Name = "布洛芬片", GenericName = "布洛芬", Class = ProductClass.OtcA, PriceFen = 1690 },
        ]), new ImportOptions(), null, null, None);
        await Service<MemberImport>().RunAsync(Pharmacy.Rows(
        [
            Pharmacy.Member("M1", "王秀兰", "13800138001") with { StoreCode = "S001" }, Pharmacy.Member("M2", "王强", "13800138002") with { StoreCode = "S002" },
            Pharmacy.Member("M3", "李强", "13800138002") with { StoreCode = "S001" },
        ]), new ImportOptions(), null, null, None);
    }
}
