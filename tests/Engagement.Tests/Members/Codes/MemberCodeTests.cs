using Engagement.Members;
using Engagement.Members.Codes;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Members.Codes;

/// <summary>The code that a member shows: for a minute, and for nobody else.</summary>
public abstract class MemberCodeContract(TestDatabase test)
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly MemberId s_member = new(4711);

    private readonly ManualClock _system = new();

    private MemberCodes Codes => new(test.Database, new Clocks(TimeProvider.System, _system));

    [DatabaseFact]
    public async Task A_code_names_its_member_for_a_minute()
    {
        var code = await Codes.IssueAsync(s_member, None);

        Assert.Equal(_system.GetUtcNow().AddSeconds(60), code.ExpiresAt);
        Assert.Equal(s_member, await FindAsync(code.Code));
        Assert.Equal(s_member, await FindAsync(string.Join(' ', code.Code.Chunk(4).Select(group => new string(group)))));
        _system.Advance(TimeSpan.FromSeconds(59.9));
        Assert.Equal(s_member, await FindAsync(code.Code));
        _system.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Null(await FindAsync(code.Code));
    }

    [DatabaseFact]
    public async Task Who_taps_again_gets_the_same_code_until_half_its_life_is_over_and_then_a_new_one()
    {
        var first = await Codes.IssueAsync(s_member, None);
        _system.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(first, await Codes.IssueAsync(s_member, None));
        _system.Advance(TimeSpan.FromSeconds(2));

        var second = await Codes.IssueAsync(s_member, None);

        Assert.NotEqual(first.Code, second.Code);
        // The cashier may be reading the first one just now.
        Assert.Equal(s_member, await FindAsync(first.Code));
        Assert.Equal(s_member, await FindAsync(second.Code));
    }

    [DatabaseFact]
    public async Task Old_codes_leave_with_the_next_one()
    {
        var member = new MemberId(4712);
        for (var i = 0; i < 5; i++)
        {
            await Codes.IssueAsync(member, None);
            _system.Advance(TimeSpan.FromMinutes(2));
        }

        await Codes.IssueAsync(member, None);

        Assert.Equal(1, await test.Database.ReadAsync(session => session.ScalarAsync<long>("SELECT COUNT(*) FROM member_code WHERE member_id = @id", new { id = member.Value }), None));
    }

    [DatabaseFact]
    public async Task What_is_mistyped_is_not_asked_for()
    {
        var code = (await Codes.IssueAsync(s_member, None)).Code;
        for (var i = 2; i < code.Length; i++)
        {
            var wrong = string.Concat(code.AsSpan(0, i), ((code[i] - '0' + 1) % 10).ToString(), code.AsSpan(i + 1));
            Assert.False(MemberCodes.TryRead(wrong, out _));
            Assert.Null(await FindAsync(wrong));
        }

        foreach (var text in (string?[])[null, "", "nobody", "' OR 1=1 --", new string('8', 5000), "８８００００００００００００００００００", "99" + code[2..]]) Assert.Null(await FindAsync(text));
    }

    [DatabaseFact]
    public async Task Codes_differ_and_tell_nothing_of_the_member()
    {
        var codes = new HashSet<string>();
        for (var i = 0; i < 200; i++) codes.Add((await Codes.IssueAsync(new MemberId(10_000 + i), None)).Code);

        Assert.Equal(200, codes.Count);
        Assert.All(codes, code => Assert.Matches("^88[0-9]{18}$", code));
        Assert.All(Enumerable.Range(2, 17), place => Assert.True(codes.Select(code => code[place]).Distinct().Count() == 10, $"Digit {place} is not random."));
    }

    private Task<MemberId?> FindAsync(string? code) => test.Database.ReadAsync(session => Codes.FindAsync(session, code), None);
}

public sealed class MemberCodesOnSqlite(SqliteTestDatabase database) : MemberCodeContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class MemberCodesOnMySql(MySqlTestDatabase database) : MemberCodeContract(database), IClassFixture<MySqlTestDatabase>;
