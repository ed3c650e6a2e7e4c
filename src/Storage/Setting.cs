namespace Engagement.Storage;

/// <summary>Small facts about this installation, by name.</summary>
public static class Setting
{
    private const string Select = "SELECT value FROM setting WHERE name = @name";

    /// <summary>The value of a setting, or <c>null</c>.</summary>
    public static Task<string?> SettingAsync(this Session session, string name) =>
        session.SingleOrDefaultAsync<string>(Select, new { name });

    /// <summary>Sets it.</summary>
    public static Task SetSettingAsync(this Tx tx, string name, string value) => tx.ExecuteAsync($"""
        INSERT INTO setting (name, value) VALUES (@name, @value)
        {tx.Dialect.OnConflictUpdate("name")} value = {tx.Dialect.New("value")}
        """, new { name, value });
}
