using Engagement.Members;
using Engagement.Members.Consents;
using Engagement.Members.Merges;
using Engagement.Members.Profiles;
using Engagement.Members.SignIn;
using Engagement.Members.Staff;
using Engagement.Messaging;
using Engagement.Storage;
using Engagement.Storage.Audit;
using Engagement.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Engagement.Tests.Members.Identity;

/// <summary>Members and messages over one database, as the program wires them, with a clock that is moved by hand.</summary>
internal sealed class IdentityDesks : IAsyncDisposable
{
    public const string Account = "wx0000000000000001";
    public static readonly CancellationToken None = CancellationToken.None;

    private readonly TempFolder _folder = new();
    private readonly ServiceProvider _services;

    private IdentityDesks(Database database, IdGenerator ids, ManualClock clock)
    {
        (Database, Ids, Clock) = (database, ids, clock);
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddStorage(database, KeyRing.Create(_folder["keys"], demo: true), ids, new Clocks(clock, clock)).AddMembers().AddMessaging();
        _services = services.BuildServiceProvider();
    }

    public Database Database { get; }

    public IdGenerator Ids { get; }

    public ManualClock Clock { get; }

    public static async Task<IdentityDesks> OpenAsync(TestDatabase test) =>
        new(test.Database, await IdGenerator.LeaseAsync(test.Database, TimeProvider.System, None), new ManualClock());

    public T Desk<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>A member as a till knows one.</summary>
    public async Task<MemberId> TillMemberAsync(string phone, string? name = null, int sex = 0, int? birthYear = null, string? verified = null)
    {
        var id = Ids.Next();
        var records = Desk<OpenRecords>();
        await Database.WriteAsync(async tx =>
        {
            await tx.ExecuteAsync("""
                INSERT INTO member (id, source, member_no, ref, sex, joined_day, private_mode, field_sources, content_hash, gate_version, version)
                VALUES (@id, 'pos', @no, @reference, 0, 20000, 0, '{}', '', 1, 1)
                """, new { id, no = $"K{id}", reference = $"ref{id}" });
            await records.WriteAsync(tx, new OpenRecord
            {
                Id = id, Source = "pos", MemberNo = $"K{id}", Phone = phone, Name = name, Sex = sex, BirthYear = birthYear, BirthMonthDay = birthYear is null ? null : 311, JoinedDay = 20000,
                PhoneVerifiedAt = verified is null ? null : 1,
            });
        }, None);
        return new MemberId(id);
    }

    /// <summary>Somebody opens the mini-program.</summary>
    public Task<MemberSession> SignInAsync(string openId, string? unionId = null) => Desk<PersonDesk>().SignInAsync(new WeChatPerson(Account, openId, unionId), None);

    /// <summary>The session, as a request sees it.</summary>
    public async Task<MemberSession> NowAsync(MemberSession session) => (await Desk<MemberSessions>().FindAsync(session.Id, None))!;

    /// <summary>A signed-in person gives a number.</summary>
    public Task<(MemberId Member, PhoneOutcome Outcome)> BindAsync(MemberSession session, string phone) =>
        Desk<PhoneDesk>().TakeAsync(session, PhoneNumber.Parse(phone), new PhoneProof("phone_button", ConsentTexts.Guide.Version), None);

    /// <summary>A new member of the mini-program, signed in.</summary>
    public async Task<MemberSession> MemberAsync(string openId, string phone)
    {
        var session = await SignInAsync(openId);
        await BindAsync(session, phone);
        return await NowAsync(session);
    }

    /// <summary>Staff part the merge in which a record went.</summary>
    public async Task<MergeOutcome> PartAsync(MemberId gone, StaffScope? scope = null)
    {
        var merge = await CountAsync("SELECT id FROM member_merge WHERE merged_id = @id", new { id = gone.Value });
        return await Database.WriteAsync(tx => Desk<MergeDesk>().PartAsync(tx, merge, scope ?? StaffScope.Everything, AuditActor.CommandLine), None);
    }

    public async Task<OpenRecord?> RecordAsync(MemberId member) => await Database.ReadAsync(session => Desk<OpenRecords>().ReadAsync(session, member.Value), None);

    public Task<ConsentOutcome> ConsentAsync(MemberId member, Purpose purpose, bool given) =>
        Database.WriteAsync(tx => Desk<ConsentDesk>().SetAsync(tx, member, purpose, given, ConsentTexts.Of(purpose).Version, "test"), None);

    public Task<long> CountAsync(string sql, object? args = null) => Database.ReadAsync(session => session.ScalarAsync<long>(sql, args), None);

    public Task WriteAsync(string sql, object? args = null) => Database.WriteAsync(tx => tx.ExecuteAsync(sql, args), None);

    /// <summary>A ticket of a member.</summary>
    public async Task TicketAsync(MemberId member, string no)
    {
        var (purchase, product) = (Ids.Next(), Ids.Next());
        await WriteAsync("INSERT INTO product (id, sku, name, generic_name, strength, spec, maker, approval_no, class, is_sensitive, dose_estimated, price_fen, content_hash) VALUES (@product, @sku, '维生素C', '', '', '', '', '', 1, 0, 0, 100, '')", new { product, sku = $"S{product}" });
        await WriteAsync("INSERT INTO purchase (id, source, store_id, till_no, ticket_no, event, business_day, member_id) VALUES (@purchase, 'pos', 7, '1', @no, 1, 20500, @member)", new { purchase, no, member = member.Value });
        await WriteAsync("""
            INSERT INTO purchase_line (id, purchase_id, line_no, product_id, quantity, unit_price_fen, discount_fen, net_fen, batch_no, prescription_no, content_hash)
            VALUES (@id, @purchase, 1, @product, 1, 100, 0, 100, '', '', '')
            """, new { id = Ids.Next(), purchase, product });
    }

    public Task<IReadOnlyList<AuditRecord>> AuditAsync(string action) => Database.ReadAsync(session => AuditLog.SearchAsync(session, new AuditQuery { Action = action }), None);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Ids.DisposeAsync();
        _folder.Dispose();
    }
}
