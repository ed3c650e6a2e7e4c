using System.Collections.Concurrent;
using System.Net.Http.Json;
using Engagement.Api.Pos.Keys;
using Engagement.Api.Staff.Roles;
using Engagement.Storage.Audit;
using Engagement.Tests.Api.Member;
using Engagement.Tests.Api.Staff;

namespace Engagement.Tests.Api.BadRequests;

/// <summary>Somebody who may call an operation: the header that proves it.</summary>
/// <param name="Name">Who, for people.</param>
/// <param name="Header">The header's name; empty for a stranger.</param>
/// <param name="Value">Its value.</param>
/// <param name="SeesForeignStore">Whether the foreign store's data is theirs to see.</param>
internal sealed record Caller(string Name, string Header, string Value, bool SeesForeignStore)
{
    public static readonly Caller Stranger = new("stranger", "", "", SeesForeignStore: false);
}

/// <summary>Signs people in for each surface, and anew when a request has ended their session. A new surface gets a line in each of the first two methods.</summary>
internal sealed class Callers(StaffApp app)
{
    private readonly ConcurrentDictionary<string, Task<Caller>> _signedIn = new();

    /// <summary>Whether a surface is known here.</summary>
    public static bool Knows(Operation operation) => operation.Surface is "/api/staff" or "/api/member" or "/api/pos" || !operation.IsOfApi;

    /// <summary>Somebody for whom the operation is meant.</summary>
    public Task<Caller> ForAsync(Operation operation, Random random)
    {
        if (operation.Surface == "/api/staff") return OfStaffAsync(operation, random);
        if (operation.Surface == "/api/member") return Once(random.Next(5) == 0 ? "visitor" : "member");
        return operation.Surface == "/api/pos" ? Once("till") : Task.FromResult(Caller.Stranger);
    }

    /// <summary>Forgets a sign-in that has ended.</summary>
    public void Forget(Caller caller) => _signedIn.TryRemove(caller.Name, out _);

    private Task<Caller> OfStaffAsync(Operation operation, Random random)
    {
        if (operation.Right is null) return Task.FromResult(Caller.Stranger);
        var right = Enum.GetValues<Right>().Single(right => RoleMatrix.Code(right) == operation.Right);
        var roles = Enum.GetValues<StaffRole>().Where(role => RoleMatrix.Of(right, role) != Reach.None).ToArray();
        return Once(RoleMatrix.Code(roles[random.Next(roles.Length)]));
    }

    private Task<Caller> Once(string name) => _signedIn.GetOrAdd(name, SignInAsync);

    private async Task<Caller> SignInAsync(string name)
    {
        if (name is "member" or "visitor")
        {
            using var person = await app.MemberAsync(name == "member" ? app.HomeMember : null, $"o-{name}-{Random.Shared.NextInt64()}");
            return new Caller(name, "Authorization", person.DefaultRequestHeaders.Authorization!.ToString(), SeesForeignStore: false);
        }

        if (name == "till")
        {
            var made = await app.Service<PosKeys>().AddAsync(AuditActor.CommandLine, new PosKeyFile($"till-{Random.Shared.Next()}", "till", Enum.GetValues<PosRight>(), null), CancellationToken.None);
            return new Caller(name, "Authorization", $"Bearer {made.Text}", SeesForeignStore: true);
        }

        using var client = app.Client();
        using var answer = await client.PostAsJsonAsync("/api/staff/session/demo", new { role = name });
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie")).Split(';')[0];
        return new Caller(name, "Cookie", cookie, Enum.GetValues<StaffRole>().Single(role => RoleMatrix.Code(role) == name) is not (StaffRole.StoreManager or StaffRole.Pharmacist or StaffRole.Cashier));
    }
}
