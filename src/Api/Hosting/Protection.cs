using System.Xml.Linq;
using Engagement.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.Options;

namespace Engagement.Api.Hosting;

/// <summary>Data Protection (cookies, bearer tokens) whose keys are in the database, so that all nodes share them, sealed with the key folder's keys.</summary>
internal static class Protection
{
    public static IServiceCollection AddProtection(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("engagement");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(provider => new ConfigureOptions<KeyManagementOptions>(keys =>
        {
            keys.XmlRepository = new ProtectionKeys(provider.GetRequiredService<Database>(), provider.GetRequiredService<IdGenerator>(), provider.GetRequiredService<Clocks>());
            keys.XmlEncryptor = new SealedXml(provider.GetRequiredService<FieldCipher>());
        }));
        return services;
    }
}

/// <summary>The table of the keys. The framework asks for them synchronously: once at the first use, then daily.</summary>
internal sealed class ProtectionKeys(Database database, IdGenerator ids, Clocks clocks) : IXmlRepository
{
    private const string Select = "SELECT xml FROM data_protection_key ORDER BY id";
    private const string Insert = "INSERT INTO data_protection_key (id, xml, created_at) VALUES (@id, @xml, @now)";

    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Task.Run(() => database.ReadAsync(session => session.QueryAsync<string>(Select), CancellationToken.None)).GetAwaiter().GetResult().Select(XElement.Parse)];

    public void StoreElement(XElement element, string friendlyName)
    {
        var (id, xml, now) = (ids.Next(), element.ToString(SaveOptions.DisableFormatting), clocks.System.NowMs());
        Task.Run(() => database.WriteAsync(tx => tx.ExecuteAsync(Insert, new { id, xml, now }), CancellationToken.None)).GetAwaiter().GetResult();
    }
}

/// <summary>Seals the secret part of such a key.</summary>
internal sealed class SealedXml(FieldCipher cipher) : IXmlEncryptor
{
    /// <summary>The encryptor does not learn the row's id, so all rows are sealed as row 0.</summary>
    internal static readonly CipherColumn Column = new("data_protection_key", "xml");

    public EncryptedXmlInfo Encrypt(XElement plaintextElement) =>
        new(new XElement("sealed", Convert.ToBase64String(cipher.Encrypt(Column, 0, plaintextElement.ToString(SaveOptions.DisableFormatting)))), typeof(OpenedXml));
}

/// <summary>Opens it again; the framework makes one by its type's name, which stands in the stored XML.</summary>
internal sealed class OpenedXml(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(services.GetRequiredService<FieldCipher>().Decrypt(SealedXml.Column, 0, Convert.FromBase64String(encryptedElement.Value))!);
}
