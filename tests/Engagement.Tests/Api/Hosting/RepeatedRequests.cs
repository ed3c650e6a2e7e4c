using Engagement.Api.Hosting;
using Engagement.Storage;
using Engagement.Tests.Support;

namespace Engagement.Tests.Api.Hosting;

/// <summary>What a repeated request comes to, on each database, however the first one ended.</summary>
public abstract class RepeatedRequestsContract(TestDatabase test) : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly KeptAnswer s_answer = new(201, new() { ["Location"] = "/x" }, """{"姓名":"陈洁 😊"}""");

    private readonly ManualClock _clock = new();
    private readonly TempFolder _folder = new();
    private readonly string _key = $"key-{Random.Shared.NextInt64()}";
    private IdGenerator _ids = null!;
    private IdempotencyStore _store = null!;

    public async Task InitializeAsync()
    {
        _ids = await IdGenerator.LeaseAsync(test.Database, TimeProvider.System, None);
        _store = new IdempotencyStore(test.Database, _ids, new FieldCipher(KeyRing.Create(_folder["keys"], demo: true)), new Clocks(TimeProvider.System, _clock));
    }

    public async Task DisposeAsync()
    {
        await _ids.DisposeAsync();
        _folder.Dispose();
    }

    [DatabaseFact]
    public async Task The_first_answer_is_given_again_to_the_same_caller_with_the_same_request()
    {
        var first = await ClaimAsync();
        Assert.Same(Problems.InProgress, (await ClaimAsync()).Refused);
        await test.Database.WriteAsync(tx => IdempotencyStore.CommitAsync(tx, first.Request!), None);
        await _store.RememberAsync(first.Request!, s_answer);

        var again = (await ClaimAsync()).Answer!;

        Assert.Equal((s_answer.Status, s_answer.Body, "/x"), (again.Status, again.Body, again.Headers["Location"]));
        Assert.Same(Problems.KeyReused, (await ClaimAsync(hash: "other")).Refused);
        Assert.NotNull((await ClaimAsync(principal: "Staff:2")).Request);
    }

    [DatabaseFact]
    public async Task A_request_that_died_before_its_change_is_taken_over_and_cannot_commit_any_more()
    {
        var dead = (await ClaimAsync()).Request!;
        _clock.Advance(IdempotencyStore.Lease);

        var taken = (await ClaimAsync()).Request!;

        Assert.Equal(2, taken.Attempt);
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Database.WriteAsync(tx => IdempotencyStore.CommitAsync(tx, dead), None));
        await test.Database.WriteAsync(tx => IdempotencyStore.CommitAsync(tx, taken), None);
    }

    [DatabaseFact]
    public async Task A_request_that_died_after_its_change_is_not_carried_out_again()
    {
        var dead = (await ClaimAsync()).Request!;
        await test.Database.WriteAsync(tx => IdempotencyStore.CommitAsync(tx, dead), None);
        _clock.Advance(IdempotencyStore.Lease);

        Assert.Same(Problems.AnswerLost, (await ClaimAsync()).Refused);
        await _store.ReleaseAsync(dead);
        Assert.Same(Problems.AnswerLost, (await ClaimAsync()).Refused);
    }

    [DatabaseFact]
    public async Task A_refused_request_frees_its_key_and_old_ones_are_forgotten()
    {
        await _store.ReleaseAsync((await ClaimAsync()).Request!);
        await _store.RememberAsync((await ClaimAsync(hash: "corrected")).Request!, s_answer);

        _clock.Advance(IdempotencyStore.Keep + TimeSpan.FromSeconds(1));

        Assert.True(await _store.SweepAsync(None) >= 1);
        Assert.NotNull((await ClaimAsync()).Request);
    }

    [DatabaseFact]
    public async Task Of_many_at_once_one_is_carried_out()
    {
        var claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => ClaimAsync())));

        Assert.Single(claims, claim => claim.Request is not null);
        Assert.Equal(19, claims.Count(claim => claim.Refused == Problems.InProgress));
    }

    private Task<KeyClaim> ClaimAsync(string principal = "Staff:1", string hash = "hash") => _store.ClaimAsync(principal, _key, hash, None);
}

public sealed class RepeatedRequestsOnSqlite(SqliteTestDatabase database) : RepeatedRequestsContract(database), IClassFixture<SqliteTestDatabase>;

public sealed class RepeatedRequestsOnMySql(MySqlTestDatabase database) : RepeatedRequestsContract(database), IClassFixture<MySqlTestDatabase>;
