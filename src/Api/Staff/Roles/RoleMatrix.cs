using System.Collections.Frozen;
using System.Text.Json;
using Engagement.Members.Staff;

namespace Engagement.Api.Staff.Roles;

/// <summary>How far a right reaches.</summary>
internal enum Reach
{
    /// <summary>The role does not have the right.</summary>
    None = 0,

    /// <summary>Their own account.</summary>
    Self = 1,

    /// <summary>What is assigned to them or made by them, in their stores.</summary>
    Own = 2,

    /// <summary>The stores, and the stores of the regions, that the account is tied to.</summary>
    Store = 3,

    /// <summary>All stores.</summary>
    All = 4,
}

/// <summary>The role matrix: one embedded table, read once.</summary>
internal static class RoleMatrix
{
    private static readonly FrozenDictionary<(Right, StaffRole), Reach> s_reach = Read();

    /// <summary>How far the right reaches for the role.</summary>
    public static Reach Of(Right right, StaffRole role) => s_reach[(right, role)];

    /// <summary>What the role may see with the right.</summary>
    /// <param name="right">The right.</param>
    /// <param name="role">The role.</param>
    /// <param name="who">The member of staff.</param>
    /// <param name="stores">The stores that the account is tied to.</param>
    public static StaffScope Scope(Right right, StaffRole role, StaffId who, IReadOnlyList<long> stores) => Of(right, role) switch
    {
        Reach.None or Reach.Self => StaffScope.Nothing,
        Reach.Own => StaffScope.Own(who, stores),
        Reach.Store => StaffScope.Of(stores),
        Reach.All => StaffScope.Everything,
    };

    /// <summary>The right as JSON and documents name it: <c>member_health</c>.</summary>
    public static string Code(Right right) => JsonNamingPolicy.SnakeCaseLower.ConvertName(right.ToString());

    /// <summary>The role as JSON, the command line and the table name it: <c>it_admin</c>.</summary>
    public static string Code(StaffRole role) => JsonNamingPolicy.SnakeCaseLower.ConvertName(role.ToString());

    private static FrozenDictionary<(Right, StaffRole), Reach> Read()
    {
        using var reader = new StreamReader(typeof(RoleMatrix).Assembly.GetManifestResourceStream("Engagement.Api.roles.tsv")!);
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToList();
        var roles = lines[0][1..^1].Select(code => Enum.GetValues<StaffRole>().Single(role => Code(role) == code)).ToArray();
        return lines.Skip(1).SelectMany(cells => roles.Select((role, i) => (Key: (Enum.Parse<Right>(cells[0]), role), Reach: ReachOf(cells[i + 1]))))
            .ToFrozenDictionary(cell => cell.Key, cell => cell.Reach);
    }

    private static Reach ReachOf(string cell) => cell == "-" ? Reach.None : Enum.Parse<Reach>(cell, ignoreCase: true);
}
